#!/bin/bash
# replay_test.sh PROGRAM GOLDEN: a learner who copies a schedule out of what the lab prints gets the
# run that it was printed for. Every one is replayed; those of a census lead to their row's outcome.
program=$1 golden=$2
replayed=0 failures=0

# SCENARIO|SCHEDULE|OUTCOME, the last empty where the schedule stands in no census.
schedules() {
  awk '
    /^[a-z_0-9]+(:|$)/ { scenario = $1; sub(/:$/, "", scenario); outcome = "" }
    match($0, /  +[0-9,]+  #/) { outcome = substr($0, 3, RSTART - 3) }
    /again:/ { outcome = "" }
    match($0, /--schedule=[0-9][0-9.]*(@[^ ]*)?/) && !/^(Try|Notice)/ && !/^     [^ ]/ {
      print scenario "|" substr($0, RSTART, RLENGTH) "|" outcome
    }' "$golden"
}

while IFS='|' read -r scenario schedule outcome; do
  replayed=$((replayed + 1))
  printed=$("$program" "--scenario=$scenario" "$schedule" --repeat=1 < /dev/null 2>&1)
  status=$?
  if [[ $status -ne 0 || $printed != *$'\n'"  $outcome"* ]]; then
    echo "--scenario=$scenario $schedule: status $status, not '$outcome' but: $printed" >&2
    failures=$((failures + 1))
  fi
done < <(schedules)

echo "$replayed schedules replayed"
[[ $failures -eq 0 ]]
