#!/bin/bash
# real_test.sh PROGRAM TIME_SCALE [FLAG...]: all scenarios end as expected on real threads, the sleeps scaled.
# Only the exit status is checked: the order of lines is the machine's choice.
"$1" --real --scenario=all "--time_scale=$2" "${@:3}"
