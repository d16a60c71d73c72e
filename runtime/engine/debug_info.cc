#include "runtime/engine/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace interleave::engine {

namespace {

struct Variable {
  std::uintptr_t address;
  std::size_t size;
  std::string name;
  Dwarf_Die type;
};

struct Function {
  std::uintptr_t begin, end;
  std::uintptr_t bias;  // of its module
  Dwarf_Die die;
};

// Debug information is the program's own or none; nobody looks for more on the network.
int NoSeparateFile(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                   GElf_Word, char**) {
  return -1;
}

constexpr Dwfl_Callbacks kCallbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                       .find_debuginfo = NoSeparateFile,
                                       .section_address = nullptr,
                                       .debuginfo_path = nullptr};

const char* NameOf(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  const char* name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));
  return name != nullptr ? name : "";
}

// The source file that declares it. libdw takes number 0 for none; clang gives it to the unit's
// own.
const char* FileOf(Dwarf_Die* die) {
  if (const char* path = dwarf_decl_file(die)) return path;
  Dwarf_Die unit;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_diecu(die, &unit, nullptr, nullptr) == nullptr ||
      dwarf_getsrcfiles(&unit, &files, &count) != 0) {
    return "";
  }
  const char* path = dwarf_filesrc(files, 0, nullptr, nullptr);
  return path != nullptr ? path : "";
}

// The type without typedefs, const and references' wrappers that don't change the layout.
bool TypeOf(Dwarf_Die* die, Dwarf_Die* type) {
  Dwarf_Attribute attribute;
  if (dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), type) == nullptr) {
    return false;
  }
  return dwarf_peel_type(type, type) == 0;
}

std::size_t SizeOf(Dwarf_Die* type) {
  Dwarf_Word size = 0;
  return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

// Which part of a variable of `type` is at `offset`: ".balance", "[2].left". The insides of the
// standard library's types are nobody's business.
std::string PartAt(Dwarf_Die type, std::size_t offset) {
  int tag = dwarf_tag(&type);
  Dwarf_Die child;
  if (tag == DW_TAG_array_type) {
    Dwarf_Die element;
    std::size_t size = TypeOf(&type, &element) ? SizeOf(&element) : 0;
    if (size == 0) return "";
    return "[" + std::to_string(offset / size) + "]" + PartAt(element, offset % size);
  }
  if (tag != DW_TAG_structure_type && tag != DW_TAG_class_type) return "";
  if (dwarf_child(&type, &child) != 0) return "";
  do {
    int child_tag = dwarf_tag(&child);
    if (child_tag != DW_TAG_member && child_tag != DW_TAG_inheritance) continue;
    Dwarf_Attribute attribute;
    Dwarf_Word at = 0;
    if (dwarf_attr(&child, DW_AT_data_member_location, &attribute) == nullptr ||
        dwarf_formudata(&attribute, &at) != 0) {
      continue;
    }
    Dwarf_Die member;
    if (!TypeOf(&child, &member) || offset < at || offset >= at + SizeOf(&member)) continue;
    if (child_tag == DW_TAG_inheritance) return PartAt(member, offset - at);
    std::string name = NameOf(&child);
    if (name.empty() || name[0] == '_') return "";
    return "." + name + PartAt(member, offset - at);
  } while (dwarf_siblingof(&child, &child) == 0);
  return "";
}

// The operation that says where it is (or where its frame is), if it is a single one.
bool SingleOperation(Dwarf_Die* die, unsigned what, Dwarf_Op* operation) {
  Dwarf_Attribute attribute;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr_integrate(die, what, &attribute) == nullptr ||
      dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1) {
    return false;
  }
  *operation = operations[0];
  return true;
}

// Where a variable is that is at the same address all the time. (clang keeps such addresses in a
// table of their own.)
bool AddressOf(Dwarf_Die* die, Dwarf_Addr* address) {
  Dwarf_Op operation;
  if (!SingleOperation(die, DW_AT_location, &operation)) return false;
  *address = operation.number;
  if (operation.atom == DW_OP_addr) return true;
  Dwarf_Attribute location, entry;
  return operation.atom == DW_OP_addrx &&
         dwarf_getlocation_attr(dwarf_attr_integrate(die, DW_AT_location, &location), &operation,
                                &entry) == 0 &&
         dwarf_formaddr(&entry, address) == 0;
}

// The scopes around an instruction within a function: lexical blocks and inlined functions,
// outermost first.
std::vector<Dwarf_Die> ScopesWithin(Dwarf_Die function, Dwarf_Addr address) {
  std::vector<Dwarf_Die> scopes = {function};
  Dwarf_Die child;
  if (dwarf_child(&function, &child) != 0) return scopes;
  do {
    int tag = dwarf_tag(&child);
    if ((tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) &&
        dwarf_haspc(&child, address) == 1) {
      std::vector<Dwarf_Die> inner = ScopesWithin(child, address);
      scopes.insert(scopes.end(), inner.begin(), inner.end());
      break;
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return scopes;
}

std::string LocalIn(Dwarf_Die* scope, std::uintptr_t address, std::uintptr_t frame_base) {
  Dwarf_Die child;
  if (dwarf_child(scope, &child) != 0) return "";
  do {
    int tag = dwarf_tag(&child);
    if (tag == DW_TAG_lexical_block) {
      std::string name = LocalIn(&child, address, frame_base);
      if (!name.empty()) return name;
    }
    Dwarf_Op operation;
    Dwarf_Die type;
    if ((tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) ||
        !SingleOperation(&child, DW_AT_location, &operation) || operation.atom != DW_OP_fbreg ||
        !TypeOf(&child, &type)) {
      continue;
    }
    std::uintptr_t begin = frame_base + operation.number;  // a negative number wraps as it should
    if (address >= begin && address - begin < SizeOf(&type)) {
      return NameOf(&child) + PartAt(type, address - begin);
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return "";
}

}  // namespace

struct DebugInfo::Opened {
  Opened() : dwfl(dwfl_begin(&kCallbacks)) {
    dwfl_linux_proc_report(dwfl, getpid());
    dwfl_report_end(dwfl, nullptr, nullptr);
  }
  ~Opened() { dwfl_end(dwfl); }

  // Reads all units, once: the first question takes some milliseconds.
  void Index() {
    if (indexed) return;
    indexed = true;
    Dwarf_Addr bias = 0;
    for (Dwarf_Die* unit = nullptr; (unit = dwfl_nextcu(dwfl, unit, &bias)) != nullptr;) {
      if (!IsTheEngines(unit)) IndexChildren(unit, bias);
    }
  }

  // Nobody asks for those, and they are most of a small program.
  static bool IsTheEngines(Dwarf_Die* unit) {
    const char* path = dwarf_diename(unit);
    return path != nullptr && std::strstr(path, "runtime/engine/") != nullptr;
  }

  // A function may stand in a class that stands in a function: that is what a lambda is.
  void IndexChildren(Dwarf_Die* parent, std::uintptr_t bias);

  const Function* FunctionAt(std::uintptr_t address) {
    Index();
    for (const Function& function : functions) {
      if (address >= function.begin && address < function.end) return &function;
    }
    return nullptr;
  }

  Dwfl* dwfl;
  bool indexed = false;
  std::vector<Variable> globals;
  std::vector<Function> functions;
  std::string main_path;
};

DebugInfo::DebugInfo() = default;
DebugInfo::~DebugInfo() = default;

DebugInfo::Opened& DebugInfo::Open() {
  if (opened_ == nullptr) opened_ = std::make_unique<Opened>();
  return *opened_;
}

DebugInfo::Line DebugInfo::LineOf(std::uintptr_t address) {
  Line line;
  Dwfl_Module* module = dwfl_addrmodule(Open().dwfl, address);
  if (module == nullptr) return line;
  if (Dwfl_Line* found = dwfl_module_getsrc(module, address)) {
    const char* path = dwfl_lineinfo(found, nullptr, &line.line, &line.column, nullptr, nullptr);
    line.path = path != nullptr ? path : "";
  }
  return line;
}

std::vector<DebugInfo::Line> DebugInfo::LinesOf(std::uintptr_t address) {
  std::vector<Line> lines;
  if (const Line innermost = LineOf(address); !innermost.path.empty()) lines.push_back(innermost);
  const Function* function = Open().FunctionAt(address);
  if (function == nullptr) return lines;
  std::vector<Dwarf_Die> scopes = ScopesWithin(function->die, address - function->bias);
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0, line = 0;
    Dwarf_Die unit;
    Dwarf_Files* files = nullptr;
    std::size_t file_count = 0;
    if (dwarf_tag(&*scope) == DW_TAG_inlined_subroutine &&
        dwarf_formudata(dwarf_attr(&*scope, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_formudata(dwarf_attr(&*scope, DW_AT_call_line, &attribute), &line) == 0 &&
        dwarf_diecu(&*scope, &unit, nullptr, nullptr) != nullptr &&
        dwarf_getsrcfiles(&unit, &files, &file_count) == 0) {
      const char* path = dwarf_filesrc(files, file, nullptr, nullptr);
      lines.push_back({path != nullptr ? path : "", static_cast<int>(line), 0});
    }
  }
  return lines;
}

bool DebugInfo::HasCode(const std::string& file, int line) {
  bool knows_lines = false;
  Dwarf_Addr bias = 0;
  for (Dwarf_Die* unit = nullptr; (unit = dwfl_nextcu(Open().dwfl, unit, &bias)) != nullptr;) {
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (Opened::IsTheEngines(unit) || dwarf_getsrclines(unit, &lines, &count) != 0) continue;
    knows_lines = knows_lines || count > 0;
    for (std::size_t i = 0; i < count; ++i) {
      Dwarf_Line* here = dwarf_onesrcline(lines, i);
      int number = 0;
      dwarf_lineno(here, &number);
      if (number != line) continue;
      const char* path = dwarf_linesrc(here, nullptr, nullptr);
      if (path != nullptr && file == path + std::string_view(path).rfind('/') + 1) return true;
    }
  }
  return !knows_lines;
}

void DebugInfo::Opened::IndexChildren(Dwarf_Die* parent, std::uintptr_t bias) {
  Dwarf_Die child;
  if (dwarf_child(parent, &child) != 0) return;
  do {
    Dwarf_Die type;
    Dwarf_Addr address = 0, base = 0, begin = 0, end = 0;
    switch (dwarf_tag(&child)) {
      case DW_TAG_variable:
        if (AddressOf(&child, &address) && TypeOf(&child, &type)) {
          globals.push_back({address + bias, SizeOf(&type), NameOf(&child), type});
        }
        break;
      case DW_TAG_subprogram:
        // More than one range where the compiler has put the unlikely part elsewhere.
        for (std::ptrdiff_t offset = 0;
             (offset = dwarf_ranges(&child, offset, &base, &begin, &end)) > 0;) {
          functions.push_back({begin + bias, end + bias, bias, child});
        }
        if (main_path.empty() && std::strcmp(NameOf(&child), "main") == 0) {
          main_path = FileOf(&child);
        }
        [[fallthrough]];
      case DW_TAG_namespace:
      case DW_TAG_structure_type:
      case DW_TAG_class_type:
      case DW_TAG_lexical_block:
        IndexChildren(&child, bias);
        break;
      default:
        break;
    }
  } while (dwarf_siblingof(&child, &child) == 0);
}

std::string DebugInfo::Global(std::uintptr_t address) {
  Open().Index();
  for (const Variable& global : Open().globals) {
    if (address >= global.address && address - global.address < global.size) {
      return global.name + PartAt(global.type, address - global.address);
    }
  }
  return "";
}

std::string DebugInfo::GlobalThatBegins(std::uintptr_t address) {
  Open().Index();
  for (const Variable& global : Open().globals) {
    if (address == global.address) return global.name;
  }
  return "";
}

std::string DebugInfo::Local(std::uintptr_t address, std::uintptr_t code,
                             std::uintptr_t frame_base) {
  const Function* function = Open().FunctionAt(code);
  if (function == nullptr) return "";
  // gcc counts from the frame's upper end. clang from the frame pointer, which with the return
  // address lies below that.
  Dwarf_Die die = function->die;
  Dwarf_Op base;
  if (SingleOperation(&die, DW_AT_frame_base, &base) && base.atom == DW_OP_reg6) frame_base -= 16;
  std::vector<Dwarf_Die> scopes = ScopesWithin(function->die, code - function->bias);
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    std::string name = LocalIn(&*scope, address, frame_base);
    if (!name.empty()) return name;
  }
  return "";
}

std::string DebugInfo::MainPath() {
  Open().Index();
  return Open().main_path;
}

}  // namespace interleave::engine
