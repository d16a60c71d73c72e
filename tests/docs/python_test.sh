#!/bin/bash
#
# Does docs/python.md have a line for every contract, and does every test that it names exist?
#
#     python_test.sh PAGE TEST_SOURCE...
set -uo pipefail

page=$1
shift
ids="J01 J03 J04 J06 J07 J09 J10 J12 J13 J14 J16 J17 J19 J20
     L01 L02 L04 L05 L06 L09 L11 L13 L14 M01 M02
     A01 A02 A05 A06 A07 A09 A10 A11 A12 A14 A16 A17 A18 A24 B01 B02 B03 B05 B08 B09 C01
     C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C21 D01 D02 D03 D04 D05 D06
     D07 D08 D10 D11 D14 D15 D17 D18 D21 D22 D25 D26 D27 D28 D29 D32 D33 E01 E02 E03 E04
     E06 E10 F01 F02 F03 F04 F06 F09 F10 F11 G01 G02 G03 G04 G05 G07 G08 G10 H01 H02 H03
     H04 H07 I01 I04 I05 I07 N01 N04 N06"

failures=0
fail() {
  echo "$1"
  failures=$((failures + 1))
}

for id in $ids; do
  # A line may be for several: | A01, A02 | ...
  lines=$(grep -cE "^\| ([A-N][0-9]{2}, )*$id(, [A-N][0-9]{2})* \| " "$page")
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
