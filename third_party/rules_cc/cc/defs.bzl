"""Stands in for rules_cc: the C++ rules that are built into Bazel.

Bazel's own tools load these names. (Without cc_toolchain_suite the complaint
would be a missing @bazel_tools//tools/cpp:toolchain_type, which misleads.)
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library
