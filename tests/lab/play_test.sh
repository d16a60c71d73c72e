#!/bin/bash
# play_test.sh README: --play, with the answers from a file. The session that the front page shows
# is what the lab prints; and how a game goes on, back, and comes to its end.
readme=$1
lab=$PWD/labs/03_race_condition
deadlock=$PWD/labs/06_deadlock
buffer=$PWD/labs/43_store_buffer
loop=$PWD/labs/25_async_race
failures=0

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# play STATUS ANSWERS ARGUMENT...: leaves what it printed in `out` and `err`.
out=$TEST_TMPDIR/out
err=$TEST_TMPDIR/err
play() {
  local wanted=$1 answers=$2
  shift 2
  printf "$answers" | timeout 30 "$program" --play "$@" > "$out" 2> "$err"
  local status=$?
  [[ $status -eq $wanted ]] || fail "$*: status $status, not $wanted; $(cat "$err")"
  [[ -s $err && $wanted -eq 0 ]] && fail "$*: it wrote to stderr: $(cat "$err")"
}
prints() { grep -qxF -- "$1" "$out" || fail "no line '$1' in: $(cat "$out")"; }
prints_not() { ! grep -qF -- "$1" "$out" || fail "there is '$1' in: $(cat "$out")"; }

program=$lab
sed -n '/^\$ bazel run .*:03_race_condition -- --play$/,/^```$/p' "$readme" | sed '1d;$d' > "$TEST_TMPDIR/shown"
play 0 "$(sed -n 's/^> //p' "$TEST_TMPDIR/shown" | sed 's/$/\\n/' | tr -d '\n')"
[[ -s $TEST_TMPDIR/shown ]] || fail "the front page shows no game"
diff "$TEST_TMPDIR/shown" "$out" || fail "a game goes otherwise than on the front page"

# ---- several answers on a line, with spaces or as a schedule ----
play 0 '1 2\n1\n'
prints '  counter 1: 1 of 2 outcomes; 4 of 6 schedules lead here.'
play 0 '1.2.1'
prints '  counter 1: 1 of 2 outcomes; 4 of 6 schedules lead here.'

# ---- back, anew, and after the end ----
play 0 '1 1\nb\n2 1\nn\n2 2\nq\n7\n'
prints '  counter is 1, two increments ran: one update is lost.'
prints '  counter is 2: this time nothing is lost.'
prints '> q'
prints_not '> 7'
play 0 'b\n'
prints 'That is where the game began; there is no answer to take back.'

# ---- what can still come ----
play 0 'e\n1 2\ne\n'
prints 'every schedule of what can still come (6, all)'
prints '  counter 1   every schedule of what can still come (2, all)'

# ---- the rest by itself; a beginning that is given ----
play 0 'r\n'
prints '  counter is 2: this time nothing is lost.'
play 0 'r\nb\nb\n' --schedule=1.2
prints '  counter is 1, two increments ran: one update is lost.'
prints 'That is where the game began; there is no answer to take back.'

# ---- what is no answer: a line, and the game goes on ----
play 0 'x\n\n7\n-1\n\033[A\n1 2 1\n'
prints "'x' is no answer here; it may be 1 or 2, or b, ?, e, r, n, q"
prints "an empty line is no answer here; it may be 1 or 2, or b, ?, e, r, n, q"
prints "'7' is no answer here; it may be 1 or 2, or b, ?, e, r, n, q"
prints "'?[A' is no answer here; it may be 1 or 2, or b, ?, e, r, n, q"
prints '  counter is 1, two increments ran: one update is lost.'
play 2 '' --schedule=7
[[ $(wc -l < "$err") -eq 1 && ! -s $out ]] || fail "a schedule that does not fit: $(cat "$err" "$out")"
grep -q '^03_race_condition: --schedule=7: .*the choice there is thread 1 or 2' "$err" || fail "$(cat "$err")"

# ---- no input at all ----
play 0 ''
[[ $(tail -n 1 "$out") == "> " ]] || fail "it does not end after its prompt: $(tail -n 1 "$out")"

# ---- a deadlock is an end like any other, and ? says who waits ----
program=$deadlock
play 0 '1\n?\n2\n' --scenario=opposite_order
prints '  alice holds left.'
prints '    alice -> right -> bob -> left -> alice'
prints '  deadlock: 1 of 2 outcomes; 2 of 6 schedules lead here.'

# ---- a choice that is no thread ----
program=$loop
play 0 '?\n1\nr\n' --scenario=await_between
prints '    1) Task-3 goes on'

# ---- what a load reads is a choice: its step is told with the answer ----
program=$buffer
play 0 '1\n1\n1\nb\n0\n' --scenario=relaxed
prints '    1) the 0 from the start'
prints '   #4  right       reads x 0   from the start, although left stored 1'
prints '   #4  right       reads x 1'
[[ $(grep -c '^   #4 ' "$out") -eq 2 ]] || fail "a step is told before its answer: $(cat "$out")"

# ---- Ctrl-C ----
mkfifo "$TEST_TMPDIR/answers"
"$lab" --play < "$TEST_TMPDIR/answers" > "$out" &
pid=$!
exec 3> "$TEST_TMPDIR/answers"
echo '?' >&3
until grep -q '^  Otherwise: ' "$out"; do read -r -t 0.05 <> <(:); done  # it waits for an answer
kill -INT "$pid"
wait "$pid"
status=$?
[[ $status -eq 130 ]] || fail "Ctrl-C: status $status, not 130"

[[ $failures -eq 0 ]]
