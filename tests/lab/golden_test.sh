#!/bin/bash
# golden_test.sh PROGRAM GOLDEN: `PROGRAM --scenario=all` prints GOLDEN and ends with status 0.
# Both are checked: a program can print well and then crash.
program=$1 golden=$2
printed=$TEST_TMPDIR/printed

"$program" --scenario=all > "$printed"
status=$?

if ! diff -u "$golden" "$printed"; then
  echo "The output has changed. If that is right: tools/bless $(basename "$program")" >&2
  exit 1
fi
if [[ $status -ne 0 ]]; then
  echo "The output is right, but the exit status is $status." >&2
  exit 1
fi
