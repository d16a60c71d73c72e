#!/bin/bash
# readme_test.sh README GOLDEN...: the front page tells the truth about the labs. What it shows of
# lab 03 is what lab 03 prints, and its table has every lab, in their order.
readme=$1
shift
failures=0

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

for golden in "$@"; do
  [[ $golden == */03_race_condition.golden ]] && shown=$golden
done

# From the command to the "..." that stands for the rest.
sed -n '/^\$ .*bazel run .*:03_race_condition$/,/^\.\.\.$/p' "$readme" | sed '1d;$d' > "$TEST_TMPDIR/shown"
lines=$(wc -l < "$TEST_TMPDIR/shown")
[[ $lines -gt 0 ]] || fail "the page shows no run of 03_race_condition"
head -n "$lines" "$shown" | diff - "$TEST_TMPDIR/shown" || fail "03_race_condition prints something else now"

while read -r schedule; do
  grep -qF -e "$schedule" "$shown" || fail "$schedule is in no output of 03_race_condition"
done < <(grep -o -e '--schedule=[^ `]*@[^ `]*' "$readme")

printf '%s\n' "$@" | sed 's/.*\///;s/\.golden$//' | sort > "$TEST_TMPDIR/labs"
sed -n 's/^| \[\([0-9][0-9]_[a-z_]*\)\](labs\/\1\.cc) | ..*|$/\1/p' "$readme" |
  diff "$TEST_TMPDIR/labs" - || fail "the table of the course has other labs, or another order"

[[ $failures -eq 0 ]]
