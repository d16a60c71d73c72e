#!/bin/bash
# isbn_finder_interrupt_test.sh PROGRAM: a real Ctrl-C while requests are under way. Whatever was
# found is printed and in the file, the account adds up, and the status is 130.
program=$1
failures=0
. tests/lab/press_ctrl_c.sh

fail() {
  echo "$1" >&2
  failures=$((failures + 1))
}

books=$TEST_TMPDIR/books
echo '{"of an earlier": "run"}' > "$books"

press_ctrl_c '*after 5 s:*' "$program" --real --time_scale=0.1 --scenario=find --seconds=600 \
  --out="$books"
[[ $status -eq 130 ]] || fail "after Ctrl-C: status $status"

# Each book on stdout, as Python prints it, is in the file as JSON; what was there has stayed.
found=$(grep -o "^Consumer [0-7] found valid ISBN.*{'ISBN:[0-9]\{10\}': {'bib_key'" <<< "$printed" |
  grep -o '[0-9]\{10\}')
kept=$(grep -o '^{"ISBN:[0-9]\{10\}":{"bib_key"' "$books" | grep -o '[0-9]\{10\}')
count=$(grep -c . <<< "$found")
[[ -n $found && $found == "$kept" ]] || fail "found: $found; in the file: $kept"
[[ $(head -1 "$books") == '{"of an earlier": "run"}' ]] || fail "what was in the file is gone"
[[ $(wc -l < "$books") -eq $((count + 1)) ]] || fail "the file has other lines: $(cat "$books")"
[[ $printed == *"kept: all $count that were found, above and in $books"$'\n' ]] || fail "no 'kept: $count'"

account=$(grep '^stopped by Ctrl-C: ' <<< "$printed")
if [[ $account =~ ^'stopped by Ctrl-C: '([0-9]+)' drawn, '([0-9]+)' looked up, '([0-9]+)' of them '\
'found; '([0-9]+)' being asked for, '([0-9]+)' in the queue'$ ]]; then
  [[ $((BASH_REMATCH[2] + BASH_REMATCH[4] + BASH_REMATCH[5])) -eq ${BASH_REMATCH[1]} &&
    ${BASH_REMATCH[3]} -eq $count ]] || fail "it does not add up: $account"
else
  fail "no account of what was drawn: '$account'"
fi
[[ $failures -eq 0 ]] || echo "$printed" >&2
[[ $failures -eq 0 ]]
