#!/bin/bash
#
# Does docs/python.md have a line for every contract, and does every test that it names exist?
#
#     python_test.sh PAGE TEST_SOURCE...
set -uo pipefail

page=$1
shift
ids="J01 J03 J04 J06 J07 J09 J10 J12 J13 J14 J16 J17 J19 J20
     L01 L02 L04 L05 L06 L09 L11 L13 L14 M01 M02"

failures=0
fail() {
  echo "$1"
  failures=$((failures + 1))
}

for id in $ids; do
  lines=$(grep -c "^| $id | " "$page")
  ((lines == 1)) || fail "$id: $lines lines in $page, there must be one"
done

# A test is written as `Suite.Name` in the page and as TEST(Suite, Name) in its source.
named=0
while IFS=. read -r suite name; do
  named=$((named + 1))
  grep -qE "^(TYPED_)?TEST(_F|_P)?\($suite, $name\)" "$@" || fail "no test $suite.$name in $*"
done < <(grep -oE '`[A-Za-z]+Test\.[A-Za-z0-9]+`' "$page" | tr -d '`')
((named > 0)) || fail "$page names no test"

((failures == 0))
