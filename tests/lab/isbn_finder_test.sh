#!/bin/bash
# isbn_finder_test.sh PROGRAM: its own flags, its scenarios by the article's numbers, and a server
# that is not there.
program=$1
failures=0

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# refuses LINE ARGUMENT...: one line on stderr, nothing on stdout, status 2.
refuses() {
  local line="isbn_finder: $1"
  shift
  said=$("$program" "$@" 2>&1 >/dev/null)
  local status=$?
  [[ $status -eq 2 && $said == "$line" ]] || fail "$*: status $status, '$said', not '$line'"
  [[ -z $("$program" "$@" 2>/dev/null) ]] || fail "$*: printed on stdout"
}

refuses "--consumers=0: '0' is no number from 1 to 64" --consumers=0
refuses "--seconds=x: 'x' is no number from 1 to 600" --seconds=x
refuses "--base_url: a simulation has no use for it; add --real" --base_url=http://127.0.0.1:1
refuses "--base_url=ftp://x: wants a URL, such as https://openlibrary.org" --real --base_url=ftp://x
refuses "--out: a simulation has no use for it; add --real" --out=/tmp/books
refuses "--out=nowhere/books: cannot be written: No such file or directory" --real \
  --out=nowhere/books

# By the article's number there is nothing else on stdout than what the program prints.
for id in S3.09 S3.17 S3.18; do
  said=$("$program" --scenario=$id 2> /dev/null) || fail "$id: status $?"
  [[ $said == "Consumer 6 found valid ISBN. Current queue size: 1. Discovered book: {'ISBN:"* ]] ||
    fail "$id: $said"
done

# Four consumers fall behind: after five seconds as many numbers wait as they cannot ask for.
said=$("$program" --scenario=find --consumers=4 --seconds=6) || fail "--consumers=4: status $?"
[[ $said =~ 'after 5 s: 100 drawn, '([0-9]+).*' 4 being asked for, '([0-9]+)' in the queue' &&
  ${BASH_REMATCH[2]} -gt 40 ]] || fail "four consumers: $said"

# A server that is not there ends the article's program; the other says so, and goes on.
said=$("$program" --real --time_scale=0.01 --scenario=article --base_url=http://127.0.0.1:1 2>&1)
[[ $? -eq 1 && $said == *"Run throws: GET http://127.0.0.1:1/api/books?"*"cannot connect"* ]] ||
  fail "without a server, as in the article: $said"
said=$("$program" --real --time_scale=0.01 --scenario=find --seconds=2 \
  --base_url=http://127.0.0.1:1/ 2>&1)
[[ $? -eq 0 && $said == *" 0 looked up, 0 of them found; "*" failed, "* ]] ||
  fail "without a server, handled: $said"

[[ $failures -eq 0 ]]
