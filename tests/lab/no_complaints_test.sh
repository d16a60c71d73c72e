#!/bin/bash
# no_complaints_test.sh [COMPLAINT...]: passes when there is none.
for complaint in "$@"; do
  echo "$complaint" >&2
done
[[ $# -eq 0 ]]
