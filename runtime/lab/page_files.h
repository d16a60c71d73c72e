// runtime/lab/page_files.h
//
// The files in page/, as the build puts them into the program (page_files.cc is made by BUILD).
#ifndef INTERLEAVE_RUNTIME_LAB_PAGE_FILES_H_
#define INTERLEAVE_RUNTIME_LAB_PAGE_FILES_H_

namespace interleave::lab {

extern const char kPageHtml[], kPageCss[], kPageJs[];

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_PAGE_FILES_H_
