"""lab(): a lab's binary and the tests that keep it honest.

    lab(
        name = "03_race_condition",
        deps = ["//runtime/threads:thread_pool"],
        mutant = "s/std::lock_guard<std::mutex> lock(counter_mutex);//",
    )

makes

    03_race_condition               the program, instrumented, from NAME.cc and NAME_*.cc
    03_race_condition_golden_test   --scenario=all prints NAME.golden, byte for byte, status 0
    03_race_condition_replay_test   every schedule in NAME.golden leads where the golden says
    03_race_condition_real_test     the same bodies on real threads end as expected
    03_race_condition_mutant_test   a test of the golden test: with the lesson's cure taken out
                                    it must fail

A golden is only ever printed by the program: `tools/bless NAME`. Whole programs are made in the
same way by example() of //examples:examples.bzl.
"""

load("//runtime/engine:instrument.bzl", "instrumented_cc_binary", "instrumented_cc_library")

_DEPS = [
    "//runtime/lab",
    "//runtime/lab:compute",
    "//runtime/lab:elapsed",
    "//runtime/lab:log",
    "//runtime/lab:message",
    "//runtime/lab:record_log",
    "//runtime/threads:thread_name",
]

_TAGS = ["instrumented"]

def lab(name, deps = [], mutant = None, real = True, replay = True, watched = True, time_scale = 0.01, real_flags = [], size = "small"):
    """A lab.

    Args:
      name: NN_topic.
      deps: what it teaches; runtime/lab and thread names come by themselves.
      mutant: a sed script that takes the cure out of NAME.cc, such as a lock. It must not change
        the number of lines, so that the golden test fails for the outcome and not for them.
      real: whether every scenario can run on real threads.
      replay: whether the golden has schedules.
      watched: whether the engine sees its memory. Not for a lab that measures what code costs: it is
        compiled as any program is.
      time_scale: of the real test. 1 for a lab that does not sleep but works.
      real_flags: more flags for the real test.
      size: of the tests.
    """
    main = name + ".cc"
    others = native.glob([name + "_*.cc"])
    golden = name + ".golden"
    deps = _DEPS + deps
    library = instrumented_cc_library if watched else native.cc_library
    binary = instrumented_cc_binary if watched else native.cc_binary
    if others:
        # The mutant has them as well.
        library(
            name = name + "_others",
            srcs = others,
            hdrs = native.glob([name + "_*.h"], allow_empty = True),
            tags = _TAGS,
            deps = deps,
        )
        deps = deps + [":" + name + "_others"]
    binary(
        name = name,
        srcs = [main],
        tags = _TAGS,
        visibility = ["//visibility:public"],
        deps = deps,
    )
    native.sh_test(
        name = name + "_golden_test",
        size = size,
        srcs = ["//tests/lab:golden_test.sh"],
        args = ["$(location :%s)" % name, "$(location %s)" % golden],
        data = [golden, ":" + name],
        tags = _TAGS,
    )
    if replay:
        native.sh_test(
            name = name + "_replay_test",
            size = size,
            srcs = ["//tests/lab:replay_test.sh"],
            args = ["$(location :%s)" % name, "$(location %s)" % golden],
            data = [golden, ":" + name],
            tags = _TAGS,
        )
    if real:
        native.sh_test(
            name = name + "_real_test",
            size = size,
            srcs = ["//tests/lab:real_test.sh"],
            args = ["$(location :%s)" % name, str(time_scale)] + real_flags,
            data = [":" + name],
            tags = _TAGS,
        )
    if mutant:
        # The same file name in another folder: reports name it as the original's.
        mutated = "mutants/%s/%s" % (name, main)
        native.genrule(
            name = name + "_mutated",
            srcs = [main],
            outs = [mutated],
            cmd = "sed '%s' $< > $@ && if cmp -s $< $@; then echo '%s: the mutant is no " % (mutant, name) +
                  "different' >&2; exit 1; fi",
        )
        binary(
            name = name + "_mutant",
            testonly = True,
            tags = _TAGS,
            srcs = [mutated],
            # What a mutant leaves unused is no mistake.
            copts = ["-Wno-unused"],
            deps = deps,
        )
        native.sh_test(
            name = name + "_mutant_test",
            size = size,
            srcs = ["//tests/lab:mutant_test.sh"],
            args = ["$(location :%s_mutant)" % name, "$(location %s)" % golden],
            data = [golden, ":" + name + "_mutant"],
            tags = _TAGS,
        )

def every_program_is_listed(others = []):
    """A test that the programs above it are those on disk, and have a golden each. Comes last.

    Args:
      others: programs and tests of this folder that are something else.
    """
    folder = native.package_name()
    listed = [
        name[:-len("_golden_test")]
        for name in native.existing_rules()
        if name.endswith("_golden_test")
    ]
    files = [
        file[:-len(".cc")]
        for file in native.glob(["*.cc"])
        if not file[:-len(".cc")] in others and not [name for name in listed if file.startswith(name + "_")]
    ]
    goldens = [file[:-len(".golden")] for file in native.glob(["*.golden"])]
    complaints = (
        ["%s/%s.cc is in no rule of %s/BUILD.bazel" % (folder, file, folder) for file in files if file not in listed] +
        ["%s has no golden; tools/bless %s prints it" % (name, name) for name in listed if name not in goldens] +
        ["%s/%s.golden belongs to no program" % (folder, golden) for golden in goldens if golden not in listed]
    )
    native.sh_test(
        name = "every_program_is_listed_test",
        size = "small",
        srcs = ["//tests/lab:no_complaints_test.sh"],
        args = ["'%s'" % complaint for complaint in complaints],
    )
