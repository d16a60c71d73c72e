# For tests to source.
#
# press_ctrl_c PATTERN PROGRAM ARGUMENT...: runs it until it has printed a line like PATTERN, sends
# it SIGINT from outside, as Ctrl-C does, and waits. $printed is all that it printed, and $status
# what it ended with.
press_ctrl_c() {
  local lines=$TEST_TMPDIR/lines awaited=$1 line pid
  shift
  rm -f "$lines"
  mkfifo "$lines"
  "$@" > "$lines" &
  pid=$!
  exec 3< "$lines"
  printed=""
  while IFS= read -r line <&3; do
    printed+=$line$'\n'
    [[ $line == $awaited ]] && kill -INT "$pid"
  done
  exec 3<&-
  wait "$pid"
  status=$?
}
