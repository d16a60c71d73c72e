"""Libraries that Debian has installed, as Bazel targets.

The compiler finds Debian's headers in /usr/include by itself, so a library is
nothing more than the linker flags that pkg-config names. A target without
sources carries them:

    debian_library(name = "curl", apt = "libcurl4-openssl-dev", ...)

lets a target say `deps = ["@curl"]`. When the package is missing, the build of
that target (and of no other) stops with the command that installs it.
"""

# Where Debian puts headers: most packages in the first, a few that differ
# between processors (curl's, for one) in one of the others.
_INCLUDE = [
    "/usr/include",
    "/usr/include/x86_64-linux-gnu",
    "/usr/include/aarch64-linux-gnu",
]

_TARGET = """
cc_library(
    name = "{name}",
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _pkg_config(ctx, modules):
    program = ctx.which("pkg-config")
    if not program:
        fail("pkg-config is missing: apt-get install pkgconf")
    result = ctx.execute([program, "--libs"] + modules)
    if result.return_code != 0:
        fail("@{} does not know the library {}: apt-get install {}".format(
            ctx.name,
            " ".join(modules),
            ctx.attr.apt,
        ))
    return [flag for flag in result.stdout.strip().split(" ") if flag]

def _impl(ctx):
    places = [place + "/" + ctx.attr.header for place in _INCLUDE]
    if not [place for place in places if ctx.path(place).exists]:
        fail("@{} needs a library that is not installed: apt-get install {}".format(
            ctx.name,
            ctx.attr.apt,
        ))
    targets = {}
    targets.update(ctx.attr.linkopts)
    for name, modules in ctx.attr.pkg_config.items():
        targets[name] = _pkg_config(ctx, modules)
    ctx.file("BUILD.bazel", "".join([
        _TARGET.format(name = name, linkopts = linkopts)
        for name, linkopts in sorted(targets.items())
    ]))

debian_library = repository_rule(
    implementation = _impl,
    # Looked at again whenever Bazel's server starts: an apt-get in between may
    # have changed the answer.
    local = True,
    attrs = {
        "apt": attr.string(
            mandatory = True,
            doc = "The packages that `apt-get install` would need.",
        ),
        "header": attr.string(
            mandatory = True,
            doc = "A header of the library: it is installed if this exists.",
        ),
        "linkopts": attr.string_list_dict(
            doc = "Targets whose linker flags are written here.",
        ),
        "pkg_config": attr.string_list_dict(
            doc = "Targets whose linker flags pkg-config knows: its modules.",
        ),
    },
)
