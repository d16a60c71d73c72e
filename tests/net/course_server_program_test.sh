#!/bin/bash
# course_server_program_test.sh PROGRAM: the course server as a program of its own says where it
# listens, answers there, ends on a signal, and refuses bad flags in one line.
set -uo pipefail

program=$1
failures=0
fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# serve SIGNAL STATUS FLAG...: starts it at a port that is free, asks it for a status, ends it by the
# signal.
serve() {
  local signal=$1 status=$2
  shift 2
  local lines=$TEST_TMPDIR/lines first last answer pid port
  rm -f "$lines"
  mkfifo "$lines"
  "$program" --port=0 "$@" >"$lines" &
  pid=$!
  exec 3<"$lines"
  IFS= read -r first <&3
  [[ $first =~ ^'The course server is at http://127.0.0.1:'([0-9]+)'/ (Ctrl-C ends it)'$ ]] ||
    fail "its first line is '$first'"
  port=${BASH_REMATCH[1]}
  exec 4<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /status/418 HTTP/1.0\r\n\r\n' >&4
  IFS= read -r answer <&4
  [[ $answer == 'HTTP/1.0 418 '* || $answer == 'HTTP/1.1 418 '* ]] || fail "it answers '$answer'"
  exec 4>&-
  kill -"$signal" "$pid"
  wait "$pid"
  local ended=$?
  ((ended == status)) || fail "SIG$signal ends it with $ended"
  last=$(cat <&3)
  [[ $last == *'Ended after 1 requests on 1 connections.' ]] || fail "its last line is '$last'"
}

# refuse WORDS FLAG...: one line on stderr with these words, nothing on stdout, status 2.
refuse() {
  local words=$1
  shift
  local out err status
  out=$("$program" "$@" 2>"$TEST_TMPDIR/err")
  status=$?
  err=$(cat "$TEST_TMPDIR/err")
  [[ $status -eq 2 && -z $out && $err == 'course_server: '*"$words"* && $(wc -l <<<"$err") -eq 1 ]] ||
    fail "$* ends with $status and says '$out$err'"
}

# Two at once, and none was told where to listen.
both() {
  local one two pids=()
  mkfifo "$TEST_TMPDIR/one" "$TEST_TMPDIR/two"
  "$program" >"$TEST_TMPDIR/one" &
  pids+=($!)
  "$program" >"$TEST_TMPDIR/two" &
  pids+=($!)
  exec 5<"$TEST_TMPDIR/one" 6<"$TEST_TMPDIR/two"
  IFS= read -r one <&5
  IFS= read -r two <&6
  kill "${pids[@]}"
  wait "${pids[@]}"
  [[ $one == 'The course server is at '* && $two == 'The course server is at '* && $one != "$two" ]] ||
    fail "two at once say '$one' and '$two'"
}

both
serve INT 130
serve TERM 143 --folder="$TEST_TMPDIR" --max_connections=3 --patience=5

refuse '70000' --port=70000
refuse 'x' --port=x
refuse '/no/such/folder' --folder=/no/such/folder
refuse '0 not in range' --max_connections=0
refuse '--nonsense' --nonsense
refuse 'more' more
refuse 'cannot listen on 192.0.2.1:0' --host=192.0.2.1 --port=0
refuse 'cannot listen on 192.0.2.1:8000' --host=192.0.2.1
"$program" --help | grep -q -- --books_fail_after || fail '--help does not list --books_fail_after'

((failures == 0))
