#!/bin/bash
#
# Is docs/articles.md complete, and does it keep its word?
#
#     articles_test.sh TABLE [LABEL...]
#
# TABLE must have one row for every program of the articles: `| id | what | command | notes |`.
# A command is `later`, `-`, or in backticks what a user types:
#
#     bazel run //labs:02_threads -- --scenario=S2.02
#
# Bazel cannot run inside its own test, so the binary behind the label is run in its place, which
# is labs/02_threads below the current directory. It must end with status 0 and print something on
# stdout. LABELs are the binaries that were built for this; with none at all, nothing is run and
# only the table is checked.

set -uo pipefail

# How many programs S0, S1, ... S4 have. Ids are S0.01, S0.02 and so on.
programs=(26 33 24 18 16)

table=$1
shift
label_count=$#
labels=" $* "
root=$PWD
scratch=$(mktemp -d "${TEST_TMPDIR:-/tmp}/articles.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

failures=0
fail() {
  echo "$1"
  failures=$((failures + 1))
}

# An argument here means the same to every shell: no quotes, no spaces, nothing that expands.
argument='[A-Za-z0-9_=.,:@/+-]+'
command_form="^\`bazel run //([a-z0-9_/]+):([A-Za-z0-9_]+)( --(( $argument)+))?\`\$"

# run ID COMMAND PACKAGE TARGET [ARGUMENT...]
run() {
  local id=$1 command=$2 label="//$3:$4" binary="$root/$3/$4"
  shift 4
  if [[ $labels != *" $label "* || ! -x $binary ]]; then
    fail "$id: $command: $label is not in LABS of tests/articles/BUILD.bazel"
    return
  fi
  mkdir -p "$scratch/$id"
  local status=0
  (cd "$scratch/$id" && BUILD_WORKING_DIRECTORY=$PWD exec timeout 20 "$binary" "$@") \
    </dev/null >"$scratch/out" 2>"$scratch/err" || status=$?
  if ((status != 0)); then
    fail "$id: $command: exit status $status, and on stderr: $(tail -n 3 "$scratch/err")"
  elif [[ ! -s $scratch/out ]]; then
    fail "$id: $command: printed nothing on stdout"
  fi
}

declare -A known rows
for article in "${!programs[@]}"; do
  for ((number = 1; number <= programs[article]; ++number)); do
    printf -v id 'S%d.%02d' "$article" "$number"
    known[$id]=1
  done
done

line_number=0
while IFS= read -r line; do
  line_number=$((line_number + 1))
  [[ $line == '|'* && $line != '|---'* && $line != '| id |'* ]] || continue
  place="line $line_number"
  bars=${line//[^|]/}
  if ((${#bars} != 5)); then
    fail "$place: a row is | id | what | command | notes |, this one is: $line"
    continue
  fi
  IFS='|' read -r _ id what command notes _ <<<"$line"
  read -r id <<<"$id"  # drops the spaces around it
  read -r what <<<"$what"
  read -r command <<<"$command"
  read -r notes <<<"$notes"

  if [[ -z ${known[$id]-} ]]; then
    fail "$place: unknown id: $id"
    continue
  fi
  if [[ -n ${rows[$id]-} ]]; then
    fail "$place: $id has a row already, line ${rows[$id]}"
    continue
  fi
  rows[$id]=$line_number
  [[ -n $what ]] || fail "$id: does not say what the article shows"

  if [[ $command == later || $command == - ]]; then
    [[ -n $notes ]] || fail "$id: '$command' without a note: where will it be, or why can it not run?"
  elif [[ $command =~ $command_form ]]; then
    ((label_count > 0)) || continue
    package=${BASH_REMATCH[1]} target=${BASH_REMATCH[2]}
    read -r -a arguments <<<"${BASH_REMATCH[4]}"
    run "$id" "${command//\`/}" "$package" "$target" "${arguments[@]}"
  else
    fail "$id: not a command: '$command'; it is later, -, or \`bazel run //package:target -- arguments\`"
  fi
done <"$table"

for id in $(printf '%s\n' "${!known[@]}" | sort); do
  [[ -n ${rows[$id]-} ]] || fail "$id: has no row"
done

((failures == 0)) || echo "$table: $failures wrong"
((failures == 0))
