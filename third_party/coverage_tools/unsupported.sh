#!/bin/sh
echo "bazel coverage needs tools that Debian does not package" >&2
exit 1
