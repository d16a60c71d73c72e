"""known_bugs(): small programs with a bug each, and the same programs without it.

Each NAME.cc or NAME.c of the folder has its own main(), as a user would write it, and knows nothing
of the engine. It is compiled twice, as it is and with -DFIXED, and each time `main` gets a name of
its own, so that all of them can be linked into one test. What one program declares beside main()
must therefore be in an anonymous namespace or static.
"""

load("//runtime/engine:instrument.bzl", "instrumented_cc_library")

def _table_impl(ctx):
    lines = ['#include "tests/programs/programs.h"', ""]
    rows = []
    for row in ctx.attr.programs:
        name, failure, language, globals, hard = row.split(" ")
        for main in [name + "_main", name + "_fixed_main"]:
            lines.append(("extern \"C\" int %s(void);" if language == "c" else "int %s();") % main)
        rows.append('      {"%s", "%s", %s, %s, %s_main, %s_fixed_main},' %
                    (name, failure, globals, hard, name, name))
    lines += ["", "namespace interleave {", "", "std::vector<Program> Programs() {", "  return {"]
    lines += rows
    lines += ["  };", "}", "", "}  // namespace interleave", ""]
    ctx.actions.write(ctx.outputs.out, "\n".join(lines))

_table = rule(
    implementation = _table_impl,
    attrs = {
        "programs": attr.string_list(),
        "out": attr.output(),
    },
)

def known_bugs(name, failures, globals = [], hard = []):
    """A cc_library with all programs of this folder, listed by Programs() of programs.h.

    Args:
      name: of the library.
      failures: how the programs fail: a word, and those that do. Every program is named once.
      globals: those whose state outlives main(): each run needs a process of its own.
      hard: those whose bug the default choice does not find.
    """
    files = native.glob(["*.cc", "*.c"])
    names = [file.rpartition(".")[0] for file in files]
    named = {program: failure for failure, programs in failures.items() for program in programs}
    for program in names:
        if program not in named:
            fail("tests/programs/%s is not in the list of failures" % program)
    for program in named.keys() + globals + hard:
        if program not in names:
            fail("there is no tests/programs/%s" % program)
    rows = []
    for file in files:
        program, _, language = file.rpartition(".")
        rows.append(" ".join([
            program,
            named[program],
            language,
            "true" if program in globals else "false",
            "true" if program in hard else "false",
        ]))
        for version, defines in [("", []), ("_fixed", ["FIXED"])]:
            instrumented_cc_library(
                name = program + version,
                testonly = True,
                srcs = [file],
                local_defines = defines + ["main=%s%s_main" % (program, version)],
            )
    _table(
        name = name + "_table",
        testonly = True,
        out = name + "_table.cc",
        programs = rows,
    )
    instrumented_cc_library(
        name = name,
        testonly = True,
        srcs = [name + "_table.cc"],
        hdrs = ["programs.h"],
        visibility = ["//tests:__subpackages__"],
        deps = [":" + program + version for program in names for version in ["", "_fixed"]],
    )
