#!/bin/bash
# mutant_test.sh MUTANT GOLDEN: a test of the golden test. The mutant is the lab without its cure,
# so its output or its exit status must be another than the golden's.
mutant=$1 golden=$2
printed=$TEST_TMPDIR/printed

"$mutant" --scenario=all > "$printed"
status=$?

if [[ $status -gt 1 ]]; then
  echo "The mutant does not even run (exit status $status): that proves nothing." >&2
  exit 1
fi
if cmp -s "$golden" "$printed" && [[ $status -eq 0 ]]; then
  echo "The golden test would pass without the cure." >&2
  exit 1
fi
diff "$golden" "$printed"
echo "As it should be, the golden test would notice (exit status $status)."
