#!/bin/bash
#
# docs/tour.md shows what is: its programs are the files of examples/, byte for byte, what it says that
# the first one prints is what it prints, and every header of its table is there.
#
#     tour_test.sh PAGE PROGRAM SOURCE...
set -uo pipefail

page=$1 program=$2
shift 2
failures=0
fail() {
  echo "$1"
  failures=$((failures + 1))
}

# block BEGIN N: the N-th block of the page that begins with the line BEGIN.
block() {
  awk -v begin="$1" -v wanted="$2" '
    !inside && $0 == begin && ++found == wanted { inside = 1; next }
    inside && $0 == "```" { exit }
    inside' "$page"
}

number=0
for source in "$@"; do
  number=$((number + 1))
  diff <(block '```cpp' $number) "$source" || fail "program $number of $page is not $source"
done

shown=$(awk '/^\$ .*\/\/examples:first_program$/ { inside = 1; next } inside && $0 == "```" { exit } inside' "$page")
printed=$("$program") || fail "$program ends with status $?"
[[ -n $shown && $shown == "$printed" ]] || fail "it prints '$printed', and the page says '$shown'"

headers=0
while read -r header; do
  headers=$((headers + 1))
  [[ -f runtime/$header ]] || fail "there is no runtime/$header"
done < <(sed -n 's/^| [^|]* | `\([a-z_/]*\.h\)` | .*/\1/p' "$page")
((headers > 10)) || fail "$page has a table of $headers headers"

((failures == 0))
