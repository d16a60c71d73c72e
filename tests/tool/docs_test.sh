#!/bin/bash
#
# What a page shows is what its commands print: every block that begins with
# `$ tools/interleave ...` is run again, in the tree's top folder, and compared to
# the byte.
#
#   docs_test.sh DRIVER ENGINE_OBJECT PAGE          compares
#   docs_test.sh DRIVER ENGINE_OBJECT PAGE --write  prints the page as it should be

set -uo pipefail

driver=$(readlink -f "$1")
INTERLEAVE_ENGINE=$(readlink -f "$2")
page=$(readlink -f "$3")
export INTERLEAVE_ENGINE INTERLEAVE_COMMAND=tools/interleave

# Lines of the standard library's files are part of a schedule, and each version
# has its own. Debian 12's decides.
version=$(g++ -dumpversion)
if [[ ${version%%.*} -ne 12 ]]; then
  echo "not compared: g++ is $version here, and 12 decides"
  exit 0
fi

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT

commands=0
in_block=
while IFS= read -r line; do
  if [[ $line == '```'* ]]; then
    in_block=
  fi
  if [[ $line == '$ tools/interleave '* ]]; then
    in_block=yes
    commands=$((commands + 1))
    echo "$line"
    eval "\"\$driver\" ${line#\$ tools/interleave }" 2>&1 </dev/null
    continue
  fi
  [[ -n $in_block ]] || echo "$line"
done <"$page" >"$fresh"

if [[ ${4:-} == --write ]]; then
  cat "$fresh"
elif [[ $commands -eq 0 ]]; then
  echo "$page shows no command"
  exit 1
elif ! diff -u "$page" "$fresh"; then
  echo 'that is what the commands print now; --write prints the page anew'
  exit 1
fi
