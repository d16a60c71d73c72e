"""Tests of every schedule, and the wrong versions that keep them from being tests that cannot fail."""

load("//runtime/engine:instrument.bzl", "instrumented_cc_test")

def wrong_versions(of, edits, endings = ("h",)):
    """Copies of a file of runtime/threads with a mistake each.

    Each is a class of another name, so that all fit into one program.

    Args:
      of: blocking_queue, whose class is BlockingQueue.
      edits: file name -> sed command.
      endings: of the files that belong to it.

    Returns: the files, for explored_test.
    """
    files = []
    for name, edit in edits.items():
        renamed = [
            "s/%s/%s/g" % (_class(of), _class(name)),
            "s/%s/%s/g" % (of.upper(), name.upper()),
            "s@runtime/threads/%s@tests/threads/%s@" % (of, name),
        ]
        for ending in endings:
            file = "%s.%s" % (name, ending)
            native.genrule(
                name = file.replace(".", "_"),
                testonly = True,
                srcs = ["//runtime/threads:%s.%s" % (of, ending)],
                outs = [file],
                cmd = "sed %s $< > $@" % " ".join(["-e '%s'" % one for one in [edit] + renamed]),
            )
            files.append(file)
    return files

def _class(name):
    return "".join([word.capitalize() for word in name.split("_")])

def explored_test(name, wrong = []):
    """NAME_explored_test, from NAME_explored_test.cc."""
    instrumented_cc_test(
        name = name + "_explored_test",
        size = "small",
        srcs = [name + "_explored_test.cc"] + wrong,
        deps = [
            ":threads_explored",
            "//tests/engine:outcomes",
            "@gtest//:gtest_main",
        ],
    )
