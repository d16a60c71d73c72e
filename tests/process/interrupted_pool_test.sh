#!/bin/bash
# interrupted_pool_test.sh PROGRAM: Ctrl-C goes to the group of processes that a terminal has in its
# foreground. The workers end, the parent says what is lost and ends with status 130.
set -u
program=$1
lines=$TEST_TMPDIR/lines
mkfifo "$lines"

set -m  # a group of its own, as in a terminal
"$program" > "$lines" &
group=$!
set +m
exec 3< "$lines"

printed=""
while IFS= read -r line <&3; do
  printed+=$line$'\n'
  [[ $line == waiting ]] && kill -INT -- "-$group"
done
wait "$group"
status=$?

echo "$printed"
echo "exit status $status"
lost=$(grep -c '^worker ForkProcess-[12] (process [0-9]*) was ended by SIGINT; 5 jobs are lost$' \
  <<< "$printed")
kill -0 -- "-$group" 2> /dev/null && { echo "somebody of the group still lives"; exit 1; }
[[ $status -eq 130 && $lost -eq 5 ]]
