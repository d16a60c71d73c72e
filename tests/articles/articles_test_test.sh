#!/bin/bash
#
# Can articles_test.sh fail? It gets tables with one thing wrong, and a tree of small scripts in
# place of the labs.
#
#     articles_test_test.sh PATH_OF_ARTICLES_TEST

set -uo pipefail

articles_test=$PWD/$1
cd "$(mktemp -d "${TEST_TMPDIR:-/tmp}/articles_test.XXXXXX")" || exit 1
mkdir -p labs examples/crawler

lab() {  # lab NAME BODY
  printf '#!/bin/bash\n%s\n' "$2" >"labs/$1"
  chmod +x "labs/$1"
}
lab 01_prints 'echo "$#: $*"'
lab 02_fails 'echo half; echo "what went wrong" >&2; exit 3'
lab 03_is_silent 'echo "only on stderr" >&2'
lab 04_wants_two 'if [[ $# == 2 && $1 == --scenario=S0.01 && $2 == --seed=7 ]]; then echo yes; fi'
lab 05_reads 'cat; echo "stdin has ended"'
lab 06_writes 'echo x >file && echo x >"$BUILD_WORKING_DIRECTORY/file2" && cat file file2'
lab 07_crashes 'echo fine so far; kill -SEGV $$'
cp labs/01_prints examples/crawler/crawl
labels="//labs:01_prints //labs:02_fails //labs:03_is_silent //labs:04_wants_two //labs:05_reads
  //labs:06_writes //labs:07_crashes //labs:08_never_built //examples/crawler:crawl"

# A table that is right, with COMMAND in its first row.
table() {
  echo 'Some prose | with a bar.'
  echo
  echo '| id | what the article shows | command | notes |'
  echo '|---|---|---|---|'
  echo "| S0.01 | something | $1 | a note |"
  local counts=(26 33 24 18 16) article number
  for article in 0 1 2 3 4; do
    for ((number = 1; number <= counts[article]; ++number)); do
      if ((article + number > 1)); then
        printf '| S%d.%02d | something | later | a note |\n' "$article" "$number"
      fi
    done
  done
}

failures=0

# expect FACT STATUS TEXT: table.md, checked, gives this exit status, and the answer contains TEXT.
# Without TEXT the answer must be empty.
expect() {
  local answer status=0
  answer=$("$articles_test" table.md $labels 2>&1) || status=$?
  if [[ $status != "$2" || $answer != *"$3"* || (-z $3 && -n $answer) ]]; then
    echo "not so: $1 (wanted status $2 and '$3', got status $status and '$answer')"
    failures=$((failures + 1))
  fi
}

table later >table.md
expect "a whole table passes" 0 ""

# Rows.
table later | grep -v S2.07 >table.md
expect "a missing id is named" 1 "S2.07: has no row"
{ table later && echo '| S2.07 | again | later | a note |'; } >table.md
expect "a double id is named with both lines" 1 "line 122: S2.07 has a row already, line 70"
{ table later && echo '| S0.27 | one too many | later | a note |'; } >table.md
expect "an unknown id is named" 1 "unknown id: S0.27"
table later | sed 's/S4.16/S4.1/' >table.md
expect "an id has two digits" 1 "unknown id: S4.1"
table later | sed 's/^| S1.31 | something | later/| S1.31 | later/' >table.md
expect "a row with a cell too few is shown" 1 "this one is: | S1.31 | later"
table later | sed '/S1.31/s/something//' >table.md
expect "a row says what the article shows" 1 "S1.31: does not say"
table later | sed '/S1.31/s/later | a note/- |/' >table.md
expect "what cannot run says why" 1 "S1.31: '-' without a note"
: >table.md
expect "an empty table is wrong" 1 "117 wrong"
rm table.md
expect "no table is wrong" 1 "117 wrong"

# Commands.
table '`bazel run //labs:01_prints`' >table.md
expect "a command without arguments runs" 0 ""
table '`bazel run //examples/crawler:crawl -- --depth=2`' >table.md
expect "packages may be nested" 0 ""
table '`bazel run //labs:04_wants_two -- --scenario=S0.01 --seed=7`' >table.md
expect "arguments reach the binary" 0 ""
table '`bazel run //labs:04_wants_two -- --scenario=S0.01`' >table.md
expect "just those arguments reach it" 1 "S0.01: bazel run //labs:04_wants_two -- --scenario=S0.01: printed"
table '`bazel run //labs:05_reads`' >table.md
expect "stdin is empty" 0 ""
table '`bazel run //labs:06_writes`' >table.md
expect "a command may write files" 0 ""
table '`bazel run //labs:02_fails`' >table.md
expect "a failing command is named with its status" 1 "S0.01: bazel run //labs:02_fails: exit status 3"
expect "a failing command's stderr is shown" 1 "what went wrong"
table '`bazel run //labs:07_crashes`' >table.md
expect "a crash is a failure" 1 "S0.01: bazel run //labs:07_crashes: exit status 139"
table '`bazel run //labs:03_is_silent`' >table.md
expect "stdout must not be empty" 1 "S0.01: bazel run //labs:03_is_silent: printed nothing"
table '`bazel run //labs:08_never_built -- --scenario=S0.01`' >table.md
expect "a missing binary is named" 1 \
  "S0.01: bazel run //labs:08_never_built -- --scenario=S0.01: //labs:08_never_built is not in LABS"
table '`bazel run //labs:01_prints`' >table.md
labels="//labs:02_fails" expect "a label that is not listed is named" 1 "//labs:01_prints is not in LABS"
table '`bazel run //labs:02_fails`' >table.md
labels="" expect "without any label nothing is run" 0 ""

for wrong in '' 'soon' '`later`' 'bazel run //labs:01_prints' '`./labs/01_prints`' \
  '`bazel run //labs`' '`bazel run labs:01_prints`' '`bazel run //labs:01_prints --seed=7`' \
  '`bazel run //labs:01_prints -- `' '`bazel run //labs:01_prints -- "a b"`' \
  '`bazel run //labs:01_prints -- *`' '`bazel run //labs:01_prints -- --x; rm y`' \
  '`bazel run //labs:01_prints` `bazel run //labs:01_prints`' '`bazel test //labs:01_prints`'; do
  table "$wrong" >table.md
  expect "[$wrong] is no command" 1 "S0.01: not a command: '$wrong'"
done

((failures == 0))
