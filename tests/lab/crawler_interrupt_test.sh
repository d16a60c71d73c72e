#!/bin/bash
# crawler_interrupt_test.sh PROGRAM: a real Ctrl-C (SIGINT from outside) while lab 48 crawls for
# real. It ends with status 130, with pages that it never asked for, and accounts for each page that
# it found.
program=$1
. tests/lab/press_ctrl_c.sh

press_ctrl_c '* s  kept     course.test/town/library, *' "$program" --real --scenario=whole
echo "$printed"
echo "exit status $status"

[[ $status -eq 130 && $printed == *'asks for nothing more'* ]] || exit 1
[[ $printed =~ ([0-9]+)' pages found: '([0-9]+)' kept, '([0-9]+)' failed, '([0-9]+)' left; ' ]] || exit 1
found=${BASH_REMATCH[1]} kept=${BASH_REMATCH[2]} failed=${BASH_REMATCH[3]} left=${BASH_REMATCH[4]}
[[ $((kept + failed + left)) -eq $found && $left -gt 0 &&
  $kept -eq $(grep -c ' s  kept ' <<< "$printed") ]]
