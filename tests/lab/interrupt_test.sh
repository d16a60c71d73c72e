#!/bin/bash
# interrupt_test.sh PROGRAM: a real Ctrl-C (SIGINT from outside) in a --real run of the lab on
# graceful shutdown. The program answers every order that it accepted, and ends with status 130.
program=$1
. tests/lab/press_ctrl_c.sh

press_ctrl_c '*order 7: accepted*' "$program" --real --scenario=by_hand

accepted=$(grep -c ': accepted$' <<< "$printed")
answered=$(grep -c ': answered$' <<< "$printed")
echo "$printed"
echo "exit status $status, $accepted accepted, $answered answered"
[[ $status -eq 130 && $accepted -ge 7 && $accepted -lt 300 && $accepted -eq $answered ]]
