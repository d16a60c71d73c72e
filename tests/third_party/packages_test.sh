#!/bin/bash
#
# A library that WORKSPACE names is in the list of tools/bazel, or a fresh
# machine would not have it; and what that list has besides are the tools.
#
#   packages_test.sh WORKSPACE TOOLS_BAZEL

set -uo pipefail

tools='bazel-bootstrap chromium-headless-shell clang-format g++ pkgconf'

wanted=$({ sed -n 's/^ *apt = "\(.*\)",$/\1/p' "$1"; echo "$tools"; } | tr ' ' '\n' | sort -u)
installed=$(sed -n '/^packages=($/,/^)$/s/^  //p' "$2" | sort -u)

[[ $(wc -l <<<"$wanted") -gt 4 && $(wc -l <<<"$installed") -gt 4 ]] ||
  { echo "FAILED: found no libraries in $1, or no packages in $2"; exit 1; }
diff <(echo "$wanted") <(echo "$installed") ||
  { echo 'FAILED: < only WORKSPACE names it, > only tools/bazel'; exit 1; }
