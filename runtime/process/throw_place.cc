// runtime/process/throw_place.cc

#include "runtime/process/throw_place.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <execinfo.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>
#include <typeinfo>
#include <vector>

namespace {

using Throw = void (*)(void* object, std::type_info* type, void (*destroy)(void*));

constexpr int kFrames = 24;

thread_local bool remembers = false;
thread_local int frame_count = 0;
thread_local void* frames[kFrames];

Throw RealThrow() {
  static const auto real = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));
  return real;
}

// Found before anybody throws.
[[maybe_unused]] const Throw real_throw = RealThrow();

}  // namespace

extern "C" __attribute__((noreturn)) void __cxa_throw(void* object, std::type_info* type,
                                                      void (*destroy)(void*)) {
  if (remembers) frame_count = backtrace(frames, kFrames);
  RealThrow()(object, type, destroy);
  __builtin_unreachable();
}

namespace interleave {
namespace {

// The debug information of this process's own files; nobody is asked for more.
class DebugInformation {
 public:
  DebugInformation() : session_(dwfl_begin(&kCallbacks)) {
    if (session_ == nullptr) return;
    dwfl_linux_proc_report(session_, getpid());
    dwfl_report_end(session_, nullptr, nullptr);
  }
  DebugInformation(const DebugInformation&) = delete;
  DebugInformation& operator=(const DebugInformation&) = delete;
  ~DebugInformation() {
    if (session_ != nullptr) dwfl_end(session_);
  }

  // "" if it is not known, or is no place of ours.
  std::string LineOf(const void* return_address) const {
    if (session_ == nullptr) return "";
    const Dwarf_Addr call = reinterpret_cast<std::uintptr_t>(return_address) - 1;
    Dwfl_Module* module = dwfl_addrmodule(session_, call);
    if (module == nullptr || IsOfTheSystem(module)) return "";
    Dwfl_Line* line = dwfl_module_getsrc(module, call);
    int number = 0;
    const char* file = line == nullptr
                           ? nullptr
                           : dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
    const std::string text = TextOf(file, number);
    return text.empty() && file != nullptr ? LineOfInlined(module, call) : text;
  }

 private:
  static int NoFurther(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                       GElf_Word, char**) {
    return -1;
  }
  static constexpr Dwfl_Callbacks kCallbacks = {
      .find_elf = dwfl_linux_proc_find_elf,
      .find_debuginfo = NoFurther,
      .section_address = nullptr,
      .debuginfo_path = nullptr,
  };

  // A library, a sanitizer's for one.
  static bool IsOfTheSystem(Dwfl_Module* module) {
    const char* name =
        dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
    const std::string_view path = name == nullptr ? "" : name;
    return path.starts_with("/usr/") || path.starts_with("/lib");
  }

  static std::string TextOf(const char* file, int number) {
    if (file == nullptr) return "";
    const std::string_view path = file;
    const bool is_ours = !path.starts_with("/usr/") && path.find("runtime/process/") == path.npos;
    return is_ours ? std::string(path.substr(path.rfind('/') + 1)) + ":" + std::to_string(number)
                   : "";
  }

  // The calls whose code stands at `pc` in place of a call, from the outside in. dwarf_getscopes
  // would do it, but does not find functions in namespaces.
  static void CollectInlined(Dwarf_Die* parent, Dwarf_Addr pc, std::vector<Dwarf_Die>& found) {
    Dwarf_Die die;
    if (dwarf_child(parent, &die) != 0) return;
    do {
      const bool is_here = dwarf_haspc(&die, pc) == 1;
      const int tag = dwarf_tag(&die);
      if (is_here && tag == DW_TAG_inlined_subroutine) found.push_back(die);
      if (is_here || tag == DW_TAG_namespace || tag == DW_TAG_class_type ||
          tag == DW_TAG_structure_type) {
        CollectInlined(&die, pc, found);
      }
    } while (dwarf_siblingof(&die, &die) == 0);
  }

  // The code is the standard library's (vector::at): the line that it was inlined into.
  static std::string LineOfInlined(Dwfl_Module* module, Dwarf_Addr call) {
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = dwfl_module_addrdie(module, call, &bias);
    Dwarf_Files* files = nullptr;
    if (unit == nullptr || dwarf_getsrcfiles(unit, &files, nullptr) != 0) return "";
    std::vector<Dwarf_Die> inlined;
    CollectInlined(unit, call - bias, inlined);
    std::string text;
    for (auto die = inlined.rbegin(); die != inlined.rend() && text.empty(); ++die) {
      Dwarf_Attribute attribute;
      Dwarf_Word file = 0, number = 0;
      if (dwarf_formudata(dwarf_attr(&*die, DW_AT_call_file, &attribute), &file) == 0 &&
          dwarf_formudata(dwarf_attr(&*die, DW_AT_call_line, &attribute), &number) == 0) {
        text = TextOf(dwarf_filesrc(files, file, nullptr, nullptr), static_cast<int>(number));
      }
    }
    return text;
  }

  Dwfl* session_;
};

}  // namespace

void RememberThrows() { remembers = true; }

std::string PlaceOfLastThrow() {
  if (frame_count == 0) return "";
  const DebugInformation debug;
  for (int i = 0; i < frame_count; ++i) {
    const std::string line = debug.LineOf(frames[i]);
    if (!line.empty()) return line;
  }
  return "";
}

}  // namespace interleave
