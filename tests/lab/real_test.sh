#!/bin/bash
# real_test.sh PROGRAM: all scenarios end as expected on real threads, a hundred times as fast.
# Only the exit status is checked: the order of lines is the machine's choice.
"$1" --real --scenario=all --time_scale=0.01
