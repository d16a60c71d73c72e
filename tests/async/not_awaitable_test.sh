#!/bin/bash
# What cannot be awaited does not compile, and the first line with "error" says why. Nor does what
# docs/python.md says of H02 and G10.
set -u
room="$1"

[ -f "$room" ] || { echo "no $room here"; exit 1; }

# The headers are most of the work, so they are compiled once.
cat > "$TEST_TMPDIR/room.h" <<END
#include "runtime/async/async_queue.h"
#include "runtime/async/run.h"
END
"${CXX:-g++}" -std=c++20 -I. -x c++-header "$TEST_TMPDIR/room.h" -o "$TEST_TMPDIR/room.h.gch" ||
  { echo "the headers do not compile"; exit 1; }

compile() {
  "${CXX:-g++}" -std=c++20 -fsyntax-only -fmax-errors=1 -I. -x c++ - 2>&1 <<END
#include "$TEST_TMPDIR/room.h"
interleave::Task<void> Main() { $1 }
END
}

said=$(compile 'co_return;') || { echo "the frame of the test does not compile: $said"; exit 1; }

said=$(compile 'co_await 42;') && { echo "co_await 42 compiles"; exit 1; }
first=$(grep -m 1 'error' <<<"$said")
case "$first" in
  *"this cannot be awaited: co_await takes a Task, a TaskHandle, an AsyncFuture, or"*) ;;
  *) echo "the first error says: $first"; exit 1 ;;
esac

# A sleep that blocks gives nothing, so there is nothing to await.
compile 'co_await std::this_thread::sleep_for(std::chrono::seconds(1));' > /dev/null &&
  { echo "co_await of a blocking sleep compiles"; exit 1; }
compile 'interleave::Run(42); co_return;' > /dev/null && { echo "Run(42) compiles"; exit 1; }
compile 'interleave::AsyncQueue<int>{1.3}; co_return;' > /dev/null &&
  { echo "a size of 1.3 compiles"; exit 1; }
exit 0
