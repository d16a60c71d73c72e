#!/bin/bash
# interrupt_test.sh PROGRAM: a real Ctrl-C (SIGINT from outside) in a --real run of the lab on
# graceful shutdown. The program answers every order that it accepted, and ends with status 130.
program=$1
lines=$TEST_TMPDIR/lines
mkfifo "$lines"

"$program" --real --scenario=by_hand > "$lines" &
pid=$!
exec 3< "$lines"

printed=""
while IFS= read -r line <&3; do
  printed+=$line$'\n'
  [[ $line == *"order 7: accepted"* ]] && kill -INT "$pid"
done
wait "$pid"
status=$?

accepted=$(grep -c ': accepted$' <<< "$printed")
answered=$(grep -c ': answered$' <<< "$printed")
echo "$printed"
echo "exit status $status, $accepted accepted, $answered answered"
[[ $status -eq 130 && $accepted -ge 7 && $accepted -lt 300 && $accepted -eq $answered ]]
