#!/bin/bash
#
# tools/interleave without Bazel: the driver and the engine's object file are
# here already. Whatever is found in these programs is known beforehand.
#
#   tool_test.sh DRIVER ENGINE_OBJECT PROGRAMS_FOLDER

set -uo pipefail

driver=$(readlink -f "$1")
INTERLEAVE_ENGINE=$(readlink -f "$2")
programs=$(readlink -f "$3")
export INTERLEAVE_ENGINE INTERLEAVE_COMMAND=tools/interleave

work=$(mktemp -d)
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
trap 'rm -rf "$work"' EXIT
cd "$programs" || exit 1

failures=0
fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# run STATUS arguments: its output is in $out, stderr in $err afterwards.
run() {
  local wanted=$1
  shift
  out=$("$driver" "$@" 2>"$work/err" </dev/null)
  local status=$?
  err=$(<"$work/err")
  [[ $status -eq $wanted ]] ||
    fail "$*: status $status, not $wanted"$'\n'"$out"$'\n'"$err"
}

says() { grep -qF -- "$1" <<<"$out" || fail "does not say '$1':"$'\n'"$out"; }
errs() { [[ $err == "$1" ]] || fail "stderr is not '$1' but '$err'"; }

# The numbers of schedules, as a census has them: "4 2".
counts() {
  sed -n 's/^[! ] .*  \([0-9,]*\)  ##*.*/\1/p' <<<"$out" | tr -d , | tr '\n' ' '
}

compilers=(g++)
if command -v clang++-16 >/dev/null; then compilers+=(clang++-16); fi

# Two increments are four steps, whatever the compiler and its optimiser: 4 of 6
# orders lose one.
for compiler in "${compilers[@]}"; do
  for level in -O0 -O1 -O2 -O3; do
    run 1 --compiler="$compiler" --explore=all counter.cc -- $level
    says 'every schedule of counter.cc (6, all)'
    says 'assertion failed in MainThread: counter == 2 (counter.cc:14)'
    [[ $(counts) == '4 2 ' ]] || fail "$compiler $level: counts $(counts)"
  done
done

# 8! / (6! 2!) schedules.
for level in '' -Og -O1 -O2 -O3; do
  run 0 --explore=all three_increments.cc -- $level
  says 'every schedule of three_increments.cc (28, all)'
  says 'counter 1 '
done

# The command that it names shows the failure again, with the program's output.
for compiler in "${compilers[@]}"; do
  run 1 --compiler="$compiler" counter.cc
  says 'data race: Thread-2 reads counter at counter.cc:10'
  again=$(sed -n 's/^  again:  tools\/interleave //p' <<<"$out")
  # shellcheck disable=SC2086
  run 1 $again
  says 'counter 1'
  [[ $err == 'assertion failed in MainThread: counter == 2'* ]] || fail "replay says $err"
done

# Also where a line of a header is a scheduling point in two files.
for compiler in "${compilers[@]}"; do
  run 1 --compiler="$compiler" --first two_units.cc two_units_there.cc
  says 'Thread-2 writes sums.'
  again=$(sed -n 's/^  again:  tools\/interleave //p' <<<"$out")
  # shellcheck disable=SC2086
  run 1 $again
  [[ $err == 'assertion failed in MainThread: sums.'* ]] || fail "$compiler: replay says $err"
done

# main cannot be called twice in a process, so not to learn more of a race either.
run 1 reloaded.cc
says 'failure: use after free in Thread-'
again=$(sed -n 's/^  again:  tools\/interleave //p' <<<"$out")
# shellcheck disable=SC2086
run 1 $again
[[ $err == 'use after free in Thread-'* ]] || fail "replay says $err"

run 0 --explore=all locked.c --args 4 'one of us'
says 'one of us got 8   2'
run 0 locked.c -- -O2 -DNOTHING --args 5
says 'nobody got 10'
says 'no failure in any schedule'

run 0 ends.cc
says 'the static is destroyed   1'
[[ $out != *'static is there'* ]] || fail 'shows what is printed before main'
run 0 ends.cc --args exit0
run 0 ends.cc --args read
says 'read -1'
for how in status:'exit status 3 in MainThread' exit:'exit status 4 in MainThread' \
  throw:'uncaught std::logic_error in Thread-1: nobody catches this' crash:SIGSEGV \
  kill:'killed by SIGKILL' deadlock:'waits for mutex ' spin:livelock; do
  run 1 --explore=random:1 ends.cc --args "${how%%:*}"
  says "${how#*:}"
done

run 1 --max_time=2s shutdown.cc
says 'crash in Thread-1'

run 0 published.cc
says 'data race'
run 1 --races published.cc

run 1 --json counter.cc
says '{"outcome": "counter 2", "ending": "returned", "failure": false, "schedules": 2, "preemptions": 0'
says '"complete": true'
if command -v python3 >/dev/null; then
  python3 -c 'import json, sys; json.load(sys.stdin)' <<<"$out" || fail 'that is no JSON'
fi

run 0 --explore=random:400 --seed=7 locked.c
says '400 random schedules of locked.c (seed 7)'
first=$out
run 0 --explore=random:400 --seed=7 --jobs=2 locked.c
[[ $out == "$first" ]] || fail "two jobs find something else:"$'\n'"$out"

run 1 --keep="$work/kept" counter.cc
out=$("$work/kept" --explore=all 2>&1)
[[ $? -eq 1 ]] || fail 'the kept program finds nothing'
says 'every schedule of kept (6, all)'

run 0 --help
says 'Exit status: 0 no failure was found, 1 one was, 2 it could not be built or used'

run 2 broken.cc
[[ $err == *no_such_name* ]] || fail "compile error: $err"
run 2
errs 'interleave: no file given; tools/interleave counter.cc explores one, --help says more'
run 2 nowhere.cc
errs 'interleave: nowhere.cc: no such file, or not readable'
run 2 ends.txt
errs 'interleave: ends.txt: not a C or C++ file by its name (.c, .cc, .cpp, .cxx, .o, .a)'
run 2 --explore=most counter.cc
errs 'interleave: --explore=most: accepted are all, distinct, preempt:N, delay:N, random:N and pct:N'
run 2 --max_time=10 counter.cc
errs 'interleave: --max_time=10: a time is a number and its unit, as in 10s, 500ms or 2m'
run 2 --seed=x counter.cc
errs 'interleave: --seed=x: a seed is a number from 0'
run 2 --jobs=0 counter.cc
errs 'interleave: --jobs=0: how many processes is a number from 1'
run 2 --schedule=1.x counter.cc
errs "interleave: --schedule=1.x: 'x' is no thread number; a schedule looks like 1.2.1@24"
run 2 --schedule=1.1.1.1 counter.cc
errs "interleave: counter.cc: --schedule=1.1.1.1: the run was over after 0 of the schedule's 4 choices"
run 2 --compiler=no-such-compiler counter.cc
[[ $err == 'interleave: no-such-compiler: cannot be started'* ]] || fail "$err"
run 2 counter.cc -- -fsanitize=address
errs 'interleave: -fsanitize=address: the memory hooks leave no room for a sanitizer; leave it out'
run 2 openmp.c -- -fopenmp
says 'an OpenMP parallel region cannot run in a simulation'
run 2 --max_time=1s computes.c
errs 'interleave: computes.c: not one run came to its end within 1 s: it waits where the engine does not see it, or computes for longer (--max_time)'
run 2 --frobnicate counter.cc
[[ $err == 'interleave: --frobnicate: there is no such flag here'* ]] || fail "$err"

[[ -z $(ls -A "$TMPDIR") ]] || fail "left behind: $(ls -A "$TMPDIR")"

if [[ $failures -gt 0 ]]; then
  echo "$failures failed"
  exit 1
fi
echo 'as it should be'
