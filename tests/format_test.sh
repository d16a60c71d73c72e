#!/bin/bash
#
# Every .h and .cc of the tree is as clang-format and the tree's .clang-format
# would have it. Says which file is not, and what to run.

set -euo pipefail

# In the test's folder WORKSPACE is a link to the real one.
root=$(dirname "$(readlink -f WORKSPACE)")
cd "$root"
if [[ ! -f .clang-format ]]; then
  echo "no .clang-format in $root, so this is not the tree"
  exit 1
fi

# Versions disagree in small things, so one of them decides: Debian 12's.
reference=14
program=$(command -v "clang-format-$reference" || command -v clang-format || true)
if [[ -z $program ]]; then
  echo "clang-format is missing: apt-get install clang-format"
  exit 1
fi
version=$("$program" --version | sed 's/.*version \([0-9]*\).*/\1/')
if [[ $version != "$reference" ]]; then
  echo "not checked: clang-format is $version here, and $reference decides"
  exit 0
fi

mapfile -d '' files < <(find . -name '.?*' -prune -o \
  -type f \( -name '*.h' -o -name '*.cc' \) -print0 | sort -z)
if [[ ${#files[@]} -eq 0 ]]; then
  echo "no .h or .cc found in $root"
  exit 1
fi

# One process for all files: starting clang-format takes longer than its work.
if ! "$program" --style=file --dry-run --Werror "${files[@]}"; then
  echo "run: clang-format -i \$(git ls-files '*.h' '*.cc')"
  exit 1
fi
echo "looked at ${#files[@]} files"
