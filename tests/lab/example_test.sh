#!/bin/bash
# example_test.sh COFFEE_SHOP INGEST_CHARACTERS CREATION_BENCHMARK: a program without a number is an example, and has
# flags of its own.
shop=$1 ingest=$2 creation=$3
failures=0

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

contains() { [[ $printed == *"$1"* ]] || fail "no '$1' in: $printed"; }

# refuses LINE ARGUMENT...: one line on stderr, nothing on stdout, status 2.
refuses() {
  local line
  line="$(basename "$shop"): $1"
  shift
  printed=$("$shop" "$@" 2>&1 >/dev/null)
  local status=$?
  [[ $status -eq 2 && $printed == "$line" ]] || fail "$*: status $status, '$printed', not '$line'"
  [[ -z $("$shop" "$@" 2>/dev/null) ]] || fail "$*: printed on stdout"
}

printed=$("$shop" --help) || fail "--help ended with status $?"
contains $'\n  bazel run //examples:coffee_shop -- [flags]\n'
contains $'\n  --order=DISHES          dishes and the seconds they take: tea:2,soup:4\n'

# The order is its own; the schedule's command names it.
printed=$("$shop" --order=tea:2,soup:4 --scenario=together --seed=1) || fail "status $?"
contains $'\n  Ordered tea\n  Ordered soup\n  \t\t >> Received tea\n'
contains 'executed in 4.00 seconds.'
contains 'again:  bazel run //examples:coffee_shop -- --scenario=together --order=tea:2,soup:4'

refuses "--order=tea: 'tea' is no dish; one looks like tea:2, and takes 1 to 12 seconds" --order=tea
refuses "--order=tea:2,: '' is no dish; one looks like tea:2, and takes 1 to 12 seconds" --order=tea:2,
refuses "--order=tea:13: 'tea:13' is no dish; one looks like tea:2, and takes 1 to 12 seconds" \
  --order=tea:13
refuses "--order=a:1,a:1,a:1,a:1,a:1,a:1: at most 5 dishes, please" --order=a:1,a:1,a:1,a:1,a:1,a:1
refuses "--order: wants a value: --order=DISHES" --order

# ---- whom to ask, and where to log ----
shop=$ingest
refuses "--base_url: a simulation has no use for it; add --real" --base_url=http://127.0.0.1:1
refuses "--base_url=ftp://x: wants a URL, such as https://rickandmortyapi.com" \
  --real --base_url=ftp://x
refuses "--log=nowhere: there is no such folder, and the log makes none" --real --log=nowhere

# A server that is not there fails each request, in words; that is not as the lesson expects.
printed=$("$ingest" --real --time_scale=0.01 --scenario=idle_gaps --base_url=http://127.0.0.1:1 \
  --log="$TEST_TMPDIR" 2>&1)
[[ $? -eq 1 ]] || fail "without a server: status $?"
contains 'Ingestion failed character number 3!'
diff <(grep '^\[' <<< "$printed") "$TEST_TMPDIR/multiprocessing_log.txt" > /dev/null ||
  fail "the file has other lines than stdout"

# A trace has all threads, also the one that the timeline hides.
"$ingest" --scenario=idle_gaps --trace="$TEST_TMPDIR/trace.json" > /dev/null || fail "status $?"
grep -q '"name": "course-server"' "$TEST_TMPDIR/trace.json" || fail "no course-server in the trace"

# The picture of who asked whom is a file of its own.
"$ingest" --scenario=loop --sequence="$TEST_TMPDIR/loop.svg" > /dev/null || fail "status $?"
[[ $(grep -c '>character [0-9]*</text>' "$TEST_TMPDIR/loop.svg") -eq 20 ]] ||
  fail "ten requests and ten answers, not: $(cat "$TEST_TMPDIR/loop.svg")"

# ---- how many ----
# The most depends on the machine.
for flag in --tasks --threads --processes; do
  for number in 0 -1 1.5 many 99999999999999999999; do
    printed=$("$creation" "$flag=$number" 2>&1)
    [[ $? -eq 2 ]] || fail "$flag=$number does not end with status 2"
    grep -qxE "creation_benchmark: $flag=$number: '$number' is no number from 1 to [0-9]+, \
which is what this machine has room for" <<< "$printed" && [[ $(wc -l <<< "$printed") -eq 1 ]] ||
      fail "$flag=$number: '$printed'"
  done
done

[[ $failures -eq 0 ]]
