"""C++ targets whose every memory access the engine sees.

The engine has to know when a program touches plain memory: a data race is two
such touches, and nothing in `counter = counter + 1` calls a function that could
be intercepted. ThreadSanitizer has solved the first half of this: with
`-fsanitize=thread` the compiler puts a call before each access,

    __tsan_read4(&counter);   tmp = counter;
    __tsan_write4(&counter);  counter = tmp + 1;

and turns each std::atomic operation into a call such as
`__tsan_atomic32_fetch_add`. The second half, the sanitizer's run-time library,
is not what we want: it watches real threads. So these targets are *compiled*
with the flag and *linked* without it, and //runtime/engine defines the
`__tsan_*` functions itself. Outside a simulation they return at once.

What memcpy, strlen and their like access in libc is seen because the calls are
given other names, those of the engine's own functions (memory_calls.h).

What follows from that:

-   The engine itself must not be compiled this way: its hooks would call
    themselves. Use the plain cc_library for it.
-   A program can't have two definitions of `__tsan_*`, nor one compiled for
    ThreadSanitizer and AddressSanitizer at once. So these targets carry the tag
    `instrumented`, which --config=asan and --config=tsan leave out. Whatever
    depends on one of them must carry it too.
-   Only code that is compiled this way is watched. Hot code that no schedule
    depends on (a sort's inner loop) is better off in a plain cc_library:
    sorting a million ints took 1.9 times as long instrumented.

The macros take what cc_library, cc_binary and cc_test take; binaries and tests
get the dependency on //runtime/engine by themselves.
"""

# The accesses of the source, each once, in its order, are what a reader counts
# schedules of. So: little optimisation, but enough that a variable is not
# loaded again for every mention.
_COPTS = [
    "-fsanitize=thread",
    "-Og",  # comes after .bazelrc's -O2, and so wins
    "-fno-omit-frame-pointer",
    # What the functions of <string.h> access is seen, too.
    "-include",
    "runtime/engine/memory_calls.h",
] + select({
    # clang leaves out a read that a write of the same variable follows, for
    # ThreadSanitizer needs only one of them. We need both: `counter + 1` is
    # two steps, and between them is where the update is lost.
    "//:clang": ["-mllvm", "-tsan-instrument-read-before-write=1"],
    "//conditions:default": [
        # gcc would reuse a value that it has just loaded or stored.
        "-fno-tree-fre",
        # A report names variables that live in memory. Where those in registers
        # are is a sixth of the time to compile, and nobody asks.
        "-fno-var-tracking",
        # Who called whom is read off the stack when a report wants to know.
        "--param=tsan-instrument-func-entry-exit=0",
        # ThreadSanitizer does not understand atomic_thread_fence; we do.
        "-Wno-tsan",
        # gcc would expand calls of these in place, where no hook sees them.
        "-fno-builtin-memcpy",
        "-fno-builtin-memmove",
        "-fno-builtin-memset",
        "-fno-builtin-strcpy",
        "-fno-builtin-strncpy",
        "-fno-builtin-strcat",
        "-fno-builtin-strncat",
    ],
})

_TAGS = ["instrumented"]

_ENGINE = "//runtime/engine"

_MEMORY_CALLS = "//runtime/engine:memory_calls"

def instrumented_cc_library(name, copts = [], deps = [], tags = [], **kwargs):
    """A cc_library whose memory accesses the engine sees."""
    native.cc_library(
        name = name,
        copts = _COPTS + copts,
        deps = deps + [_MEMORY_CALLS],
        tags = tags + _TAGS,
        **kwargs
    )

def instrumented_cc_binary(name, copts = [], deps = [], tags = [], **kwargs):
    """A cc_binary whose memory accesses the engine sees."""
    native.cc_binary(
        name = name,
        copts = _COPTS + copts,
        deps = deps + [_ENGINE, _MEMORY_CALLS],
        tags = tags + _TAGS,
        **kwargs
    )

def instrumented_cc_test(name, copts = [], deps = [], tags = [], **kwargs):
    """A cc_test whose memory accesses the engine sees."""
    native.cc_test(
        name = name,
        copts = _COPTS + copts,
        deps = deps + [_ENGINE, _MEMORY_CALLS],
        tags = tags + _TAGS,
        **kwargs
    )
