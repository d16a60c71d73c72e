// runtime/engine/memory_calls.h
//
// Included before everything else into code whose memory accesses the engine sees (instrument.bzl,
// tools/interleave). A compiler puts a call before an access that it makes itself; what
// memcpy(to, from, size) reads and writes happens inside libc, where nobody looks. So the calls are
// given other names: the engine defines __interleave_memcpy and its like (memory_calls.cc), which
// watch the memory and then call libc's.
//
// Only code that includes this calls them, unlike a memcpy of the program's own, which libstdc++,
// libcurl and the engine itself would have to go through as well.
//
// Each name is given away twice. The declaration renames calls in the source, and a function of
// that name that the program itself defines, which then takes the engine's place; .set renames what
// g++ calls on behalf of __builtin_memcpy (std::copy and std::string use it). Only names that
// the C standard reserves are here: others a program may have for functions of its own.
//
// C and C++, gcc and clang; flags beside it keep gcc from expanding copies of constant size in
// place, unseen (-fno-builtin-memcpy).
#ifndef INTERLEAVE_RUNTIME_ENGINE_MEMORY_CALLS_H_
#define INTERLEAVE_RUNTIME_ENGINE_MEMORY_CALLS_H_

#ifndef __cplusplus
#define INTERLEAVE_NOTHROW
#elif __cplusplus >= 201103L
#define INTERLEAVE_NOTHROW noexcept
#else
#define INTERLEAVE_NOTHROW throw()
#endif
#define INTERLEAVE_RENAMED(name) INTERLEAVE_NOTHROW __asm__("__interleave_" #name)

#ifdef __cplusplus
extern "C" {
#endif
void* memcpy(void*, const void*, __SIZE_TYPE__) INTERLEAVE_RENAMED(memcpy);
void* memmove(void*, const void*, __SIZE_TYPE__) INTERLEAVE_RENAMED(memmove);
void* memset(void*, int, __SIZE_TYPE__) INTERLEAVE_RENAMED(memset);
int memcmp(const void*, const void*, __SIZE_TYPE__) INTERLEAVE_RENAMED(memcmp);
__SIZE_TYPE__ strlen(const char*) INTERLEAVE_RENAMED(strlen);
int strcmp(const char*, const char*) INTERLEAVE_RENAMED(strcmp);
int strncmp(const char*, const char*, __SIZE_TYPE__) INTERLEAVE_RENAMED(strncmp);
char* strcpy(char*, const char*) INTERLEAVE_RENAMED(strcpy);
char* strncpy(char*, const char*, __SIZE_TYPE__) INTERLEAVE_RENAMED(strncpy);
char* strcat(char*, const char*) INTERLEAVE_RENAMED(strcat);
char* strncat(char*, const char*, __SIZE_TYPE__) INTERLEAVE_RENAMED(strncat);
#ifdef __cplusplus
}
#endif

#undef INTERLEAVE_RENAMED
#undef INTERLEAVE_NOTHROW

// <cstring> gives the functions that search an overload each, so these have no declaration here;
// sprintf has too many.
__asm__(
    ".set memcpy, __interleave_memcpy\n"
    ".set memmove, __interleave_memmove\n"
    ".set memset, __interleave_memset\n"
    ".set memcmp, __interleave_memcmp\n"
    ".set memchr, __interleave_memchr\n"
    ".set strlen, __interleave_strlen\n"
    ".set strcmp, __interleave_strcmp\n"
    ".set strncmp, __interleave_strncmp\n"
    ".set strchr, __interleave_strchr\n"
    ".set strrchr, __interleave_strrchr\n"
    ".set strcpy, __interleave_strcpy\n"
    ".set strncpy, __interleave_strncpy\n"
    ".set strcat, __interleave_strcat\n"
    ".set strncat, __interleave_strncat\n"
    ".set sprintf, __interleave_sprintf\n"
    ".set snprintf, __interleave_snprintf\n"
    ".set vsprintf, __interleave_vsprintf\n"
    ".set vsnprintf, __interleave_vsnprintf\n"
    ".set __memcpy_chk, __interleave_memcpy_chk\n"
    ".set __memmove_chk, __interleave_memmove_chk\n"
    ".set __memset_chk, __interleave_memset_chk\n"
    ".set __strcpy_chk, __interleave_strcpy_chk\n"
    ".set __strncpy_chk, __interleave_strncpy_chk\n"
    ".set __strcat_chk, __interleave_strcat_chk\n"
    ".set __strncat_chk, __interleave_strncat_chk\n"
    ".set __sprintf_chk, __interleave_sprintf_chk\n"
    ".set __snprintf_chk, __interleave_snprintf_chk\n"
    ".set __vsprintf_chk, __interleave_vsprintf_chk\n"
    ".set __vsnprintf_chk, __interleave_vsnprintf_chk\n");

#endif  // INTERLEAVE_RUNTIME_ENGINE_MEMORY_CALLS_H_
