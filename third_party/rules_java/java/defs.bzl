"""Stands in for rules_java: the Java rules that are built into Bazel.

Nothing here is Java, but Bazel describes the JDK that it runs on with these.
"""

java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_runtime = native.java_runtime
java_toolchain = native.java_toolchain
