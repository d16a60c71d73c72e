#!/bin/bash
# A job that cannot be sent to another process does not compile, and the first line with "error:" says
# why.
set -u
room="$1"

[ -f "$room" ] || { echo "no $room here"; exit 1; }

# The headers are most of the work, so they are compiled once.
cat > "$TEST_TMPDIR/room.h" <<END
#include <mutex>
#include <thread>
#include "$room"
END
"${CXX:-g++}" -std=c++20 -I. -x c++-header "$TEST_TMPDIR/room.h" -o "$TEST_TMPDIR/room.h.gch" ||
  { echo "$room does not compile"; exit 1; }

compile() {
  "${CXX:-g++}" -std=c++20 -fsyntax-only -fmax-errors=1 -I. -x c++ - 2>&1 <<END
#include "$TEST_TMPDIR/room.h"
struct Closed { int value; };
struct Open { int value; template <typename A> void serialize(A& archive) { archive(value); } };
int Good(const std::vector<Open>& all, std::string text);
void Pointer(int* numbers);
int* GivesPointer();
void Class(const Closed& closed);
void Mutex(const std::vector<std::mutex>& all);
void Thread(std::thread thread);
std::string_view GivesView();
void Main(interleave::ProcessPool& pool) { $1 }
END
}

said=$(compile 'pool.Submit<Good>(std::vector<Open>(), "text");') ||
  { echo "what can be sent does not compile: $said"; exit 1; }

for job in 'Pointer>(nullptr)' 'GivesPointer>()' 'Class>(Closed())' \
           'Mutex>(std::vector<std::mutex>())' 'Thread>(std::thread())' 'GivesView>()'; do
  said=$(compile "pool.Submit<$job;") && { echo "Submit<$job compiles"; exit 1; }
  first=$(grep -m 1 'error:' <<<"$said")
  case "$first" in
    *"this job cannot be sent to another process: it may take and give numbers, strings,"*) ;;
    *) echo "for Submit<$job the first error says: $first"; exit 1 ;;
  esac
done

compile 'int here = 7; pool.Submit<[&here] { return here; }>();' > /dev/null &&
  { echo "a lambda that has captured something compiles"; exit 1; }
exit 0
