#!/bin/bash
# download_interrupt_test.sh PROGRAM: a real Ctrl-C (SIGINT from outside) while download_files runs
# for real. A file is there in whole or not at all, and what the program says of it is so.
program=$1
failures=0
export TMPDIR=$TEST_TMPDIR/temporary
mkdir "$TMPDIR"
. tests/lab/press_ctrl_c.sh

fail() {
  echo "$1; it printed: $printed" >&2
  failures=$((failures + 1))
}

# interrupt LINE ARGUMENT...: until it has printed LINE.
interrupt() {
  local awaited=$1
  shift
  press_ctrl_c "$awaited" "$program" --real "$@"
  [[ $status -eq 130 ]] || fail "$*: ended with status $status"
}

says() { [[ $printed == *"$1"* ]] || fail "does not say '$1'"; }

# has FOLDER NAME...: these files, and nothing else.
has() {
  local folder=$1 there
  shift
  there=$(cd "$folder" && echo *)
  [[ $there == "$*" ]] || fail "$folder has '$there', not '$*'"
}

# One after the other: the first is kept, the second dropped, and an older one of that name is as it
# was. Nine seconds are left for the signal to arrive.
kept=$TEST_TMPDIR/kept
mkdir "$kept"
echo old > "$kept/musiz.zip"
interrupt 'musiz.zip   10 %' --scenario=one_worker "--folder=$kept"
says "Ctrl-C: pictures.zip is kept, complete, in $kept"
says 'Ctrl-C: musiz.zip is dropped, '
has "$kept" musiz.zip pictures.zip
[[ $(stat -c %s "$kept/pictures.zip") -eq 5000000 ]] || fail 'pictures.zip is not whole'
[[ $(< "$kept/musiz.zip") == old ]] || fail 'the older musiz.zip is no longer there'

# The second is still in the queue.
none=$TEST_TMPDIR/none
mkdir "$none"
interrupt 'pictures.zip   20 %' --scenario=one_worker "--folder=$none"
says 'Ctrl-C: pictures.zip is dropped, '
says 'Ctrl-C: musiz.zip had not begun'
has "$none" '*'

# Two at once, on threads and as tasks; the temporary folder goes, too.
for scenario in two_threads loop; do
  interrupt 'musiz.zip   10 %' --scenario=$scenario
  says 'Ctrl-C: pictures.zip is dropped, '
  says 'Ctrl-C: musiz.zip is dropped, '
  has "$TMPDIR" '*'
done

# What it does not take.
refuses() {
  local line=$1
  shift
  printed=$("$program" "$@" 2>&1)
  status=$?
  [[ $status -eq 2 && $printed == "download_files: $line" ]] || fail "$*: status $status"
}
refuses '--folder: a simulation has no use for it; add --real' "--folder=$kept"
refuses '--folder=nowhere: there is no such folder, and the downloads make none' \
  --real --folder=nowhere
refuses '--base_url=ftp://x: wants a URL, such as http://127.0.0.1:8000' --real --base_url=ftp://x

# A server that is not there fails both, in words, and nothing is left of them.
printed=$("$program" --real --scenario=two_workers --base_url=http://127.0.0.1:1 2>&1)
status=$?
[[ $status -eq 1 ]] || fail "without a server: status $status"
says 'cannot connect'
says "it ended in '0 of 2 files'"
has "$TMPDIR" '*'

[[ $failures -eq 0 ]]
