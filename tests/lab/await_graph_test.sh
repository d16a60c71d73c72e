#!/bin/bash
# await_graph_test.sh PROGRAM: Ctrl-\ in a lab that runs on real threads prints who waits for whom, as
# often as it is asked, and the lab goes on; Ctrl-C ends it.
program=$1
out=$TEST_TMPDIR/out
set -m  # or the shell would have the program ignore both
: > "$out"
"$program" --real --scenario=open_all_day --time_scale=0.1 > "$out" 2>&1 &
pid=$!

# comes COUNT TEXT: waits until that many lines of the output have the text.
comes() {
  for ((i = 0; i < 600; ++i)); do
    [[ $(grep -cF -- "$2" "$out") -ge $1 ]] && return
    sleep 0.05
  done
  echo "'$2' did not come $1 times; $(cat "$out")" >&2
  kill -KILL "$pid"
  exit 1
}

comes 1 'the guests have their dinner'  # the loop runs, and is asleep most of the time
kill -QUIT "$pid"
comes 1 '  who waits for whom:'
dinners=$(grep -cF 'the guests have their dinner' "$out")
comes $((dinners + 1)) 'the guests have their dinner'
kill -QUIT "$pid"
comes 2 '  who waits for whom:'
comes 2 'steak  FrySteak (34_await_graph.cc:'
kill -INT "$pid"
wait "$pid"
status=$?
[[ $status -eq 130 ]] || { echo "Ctrl-C: status $status, not 130" >&2; exit 1; }
