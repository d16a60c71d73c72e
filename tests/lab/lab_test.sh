#!/bin/bash
# A whole lab as a user runs it: what it prints, where to, and with which exit status.
lab=$PWD/labs/03_race_condition
inversion=$PWD/labs/10_priority_inversion
semaphore=$PWD/labs/13_semaphore
cd "$TEST_TMPDIR" || exit 1
unset BUILD_WORKING_DIRECTORY
failures=0

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# run STATUS ARGUMENT...: leaves what it printed in the files out and err.
run() {
  local wanted=$1
  shift
  timeout 30 "$lab" "$@" > out 2> err
  local status=$?
  [[ $status -eq $wanted ]] || fail "$*: status $status, not $wanted; $(head -3 err)"
}

# prints FILE TEXT: a line of FILE is TEXT.
prints() { grep -qxF -- "$2" "$1" || fail "no line '$2' in: $(cat "$1")"; }

# refuses LINE ARGUMENT...: bad input is one line on stderr, nothing on stdout, status 2.
refuses() {
  local line="03_race_condition: $1"
  shift
  run 2 "$@"
  [[ $(cat err) == "$line" ]] || fail "$*: '$(cat err)', not '$line'"
  [[ ! -s out ]] || fail "$*: printed on stdout"
}

# ---- the lesson ----
run 0
prints out '  counter is 1, two increments ran: one update is lost.'
prints out 'every schedule of it (6, all)'
prints out '  counter 2   every schedule (2, all)'
grep -qE '^data race: .* counter, both at line [0-9]+; nothing orders them$' out ||
  fail "no race on one line: $(grep '^data race' out)"
# On a slow machine a census says how far it is.
complaints=$(grep -vE '^[0-9,]+ runs?, [0-9]+ outcomes?, [0-9]+ s$' err)
[[ -z $complaints ]] || fail "the lesson wrote to stderr: $complaints"

# ---- the article's program has stdout to itself ----
run 0 --scenario=S2.07
diff - out <<'LOG' || fail "not the published log"
20:28:15:ThreadPoolExecutor-0_0:Update Started
20:28:15:ThreadPoolExecutor-0_0:Sleeping
20:28:15:ThreadPoolExecutor-0_1:Update Started
20:28:15:ThreadPoolExecutor-0_1:Sleeping
20:28:17:ThreadPoolExecutor-0_0:Reading Value From Db
20:28:17:ThreadPoolExecutor-0_1:Reading Value From Db
20:28:17:ThreadPoolExecutor-0_0:Updating Value
20:28:17:ThreadPoolExecutor-0_1:Updating Value
20:28:17:ThreadPoolExecutor-0_1:Update Finished
20:28:17:ThreadPoolExecutor-0_0:Update Finished
20:28:17:MainThread:Final value is 1
LOG

# ---- where priorities decide ----
"$inversion" --explore > out 2> err || fail "--explore of priorities: $(cat err)"
prints out '  mid was done first   every schedule of std_mutex (1, all)'
"$inversion" --explore=distinct > out 2> err
[[ $? -eq 2 ]] || fail "--explore=distinct of priorities: not status 2"
prints err "10_priority_inversion: --explore=distinct: std_mutex has priorities, which leave few \
schedules; --explore=all runs them"

# ---- what runs only by its name ----
"$semaphore" --list > out && grep -q '^  library_bug ' out || fail "not listed: $(cat out)"
"$semaphore" --scenario=library_bug --seed=1 > out && grep -q '^library_bug: ' out ||
  fail "not run by its name: $(cat out)"
"$semaphore" --scenario=all > out && ! grep -q '^library_bug: ' out || fail "run with the others"

# ---- every schedule that a census names replays to its outcome ----
run 0 --explore=all --scenario=three
prints out 'every schedule of three (90, all)'
cp out census
while read -r _ value _ _ schedule; do
  run 0 --scenario=three "$schedule"
  grep -q "counter $value" out || fail "three $schedule does not end in counter $value: $(cat out)"
done < <(grep -- '--schedule=' census)
for value in 1 2 3; do grep -q "^  counter $value " census || fail "no counter $value in $(cat census)"; done

# ---- the same bytes every time ----
run 0 --seed=7
cp out first
run 0 --seed=7
cmp -s first out || fail "--seed=7 printed something else the second time"
run 0 --repeat=5 --seed=1
prints out '5 runs of unlocked, seeds from 1 on'
run 0 --repeat=1 --seed=1
prints out '1 run of unlocked, seeds from 1 on'

# ---- a run by a seed names its schedule, which leads there again ----
for scenario in unlocked three article; do
  run 0 --scenario=$scenario --seed=3
  cp out by_seed
  schedule=$(grep -o -- '--schedule=.*' out)
  run 0 --scenario=$scenario "$schedule"
  # Which of the two threads of a race is named first depends on when its place was found.
  diff <(sed '/again:/d; /^ *--schedule=/d; /^data race/,$d' by_seed) \
    <(sed '/again:/d; /^ *--schedule=/d; /^data race/,$d' out) ||
    fail "$scenario --seed=3 and its $schedule are two different runs"
done

# ---- real threads ----
run 0 --real --repeat=20
grep -q '^20 runs of unlocked on real threads$' out || fail "no tally: $(cat out)"

# ---- files ----
run 0 --trace=t.json --timeline=t.svg
grep -q traceEvents t.json || fail "no trace"
grep -q '</svg>' t.svg || fail "no picture"
run 0 --timeline
grep -q '# runs   ~ waits' out || fail "no timeline: $(cat out)"
run 0 --explain
grep -q 'could go on as well; the schedule lets adder-. go first$' out ||
  fail "no explanation: $(cat out)"
# What does not fit says why.
refuses "--trace=no/where/t.json: cannot be written: No such file or directory" \
  --trace=no/where/t.json
mkdir -p folder.json
refuses "--trace=folder.json: cannot be written: Is a directory" --trace=folder.json
run 2 --schedule=9.9 --trace=new.json
[[ ! -e new.json ]] || fail "a run that was refused left a file behind"

# ---- bad input ----
refuses "--colour: no such flag; --help lists them" --colour
refuses "--schedule=1.2.x: 'x' is no thread number; a schedule looks like 1.2.1@24" --schedule=1.2.x
refuses "--scenario=four: no such scenario; there are unlocked (S1.22), three, locked, article (S2.07), and all" \
  --scenario=four
refuses "--real and --schedule exclude each other: real threads take no orders; only a simulation does" \
  --real --schedule=1
places=$(grep -o '@.*' census | head -1)
refuses "--schedule=1.2.1: of unlocked, as no --scenario is named: the run was over after 0 of the schedule's 3 choices; schedules of unlocked end in $places" \
  --schedule=1.2.1
# A schedule from before the file was changed: its lines have moved.
refuses "--schedule=1.2.1@7: of unlocked, as no --scenario is named: this program has no code on line 7 of 03_race_condition.cc; schedules of unlocked end in $places" \
  --schedule=1.2.1@7
refuses "--schedule=1.2.1@nowhere.h:1: of unlocked, as no --scenario is named: this program has no code on line 1 of nowhere.h; schedules of unlocked end in $places" \
  --schedule=1.2.1@nowhere.h:1
long=$(printf '1.%.0s' {1..50000})
for argument in "--schedule=${long}1" "--scenario=$long" "--trace=$long.json" "--$long"; do  # 100 kB
  run 2 "$argument"
  [[ $(wc -l < err) -eq 1 && $(wc -c < err) -lt 600 ]] || fail "${argument:0:20}...: $(wc err)"
done
run 2 --scenario=$'two\nlines\033[31m'
[[ $(wc -l < err) -eq 1 ]] || fail "a name of two lines: $(cat err)"
for schedule in "1$places" "1.2.1.2.1.2.1.2.1.2$places" "7.7.7$places"; do
  run 2 --schedule="$schedule"
  [[ $(wc -l < err) -eq 1 ]] || fail "--schedule=$schedule: not one line: $(cat err)"
done

# ---- Ctrl-C: what an exploration has by then, and 130 ----
set -m  # or the shell would have the program ignore it
rm -f err
"$lab" --explore=random:1000000000 > out 2> err &
pid=$!
for ((i = 0; i < 200; ++i)); do
  [[ -s err ]] && break  # its first line of progress
  sleep 0.05
done
kill -INT "$pid"
wait "$pid"
status=$?
set +m
[[ $status -eq 130 ]] || fail "Ctrl-C: status $status, not 130"
grep -q 'random schedules of unlocked' out || fail "Ctrl-C: no census in: $(cat out)"

# ---- Ctrl-C in the middle of a lesson ends it, whatever it was exploring for itself ----
set -m
for pause in 0.1 0.2 0.3; do
  "$lab" --scenario=all > out 2> err &
  pid=$!
  sleep "$pause"
  kill -INT "$pid" 2> /dev/null
  wait "$pid"
  status=$?
  ended=$(grep -c '^Next: ' out)
  [[ $status -eq 130 || ($status -eq 0 && $ended -eq 1) ]] ||
    fail "Ctrl-C after $pause s: status $status, $(cat err)"
  [[ ! -s err ]] || fail "Ctrl-C after $pause s: $(cat err)"
done
set +m

# ---- nobody reads ----
(
  set -o pipefail
  timeout 30 "$lab" --scenario=all | head -1 > /dev/null
)
status=$?
[[ $status -eq 0 || $status -eq 141 ]] || fail "| head: status $status"
timeout 30 "$lab" --scenario=all >&- 2> err
status=$?
[[ $status -eq 0 && ! -s err ]] || fail "closed stdout: status $status, $(cat err)"

[[ $failures -eq 0 ]]
