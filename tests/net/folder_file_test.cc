// tests/net/folder_file_test.cc

#include "runtime/net/folder_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace interleave {
namespace {

namespace fs = std::filesystem;

// outer/secret, outer/site/{page, pictures/cat, .hidden, links ...}; the site is what is served.
class FolderFile : public testing::Test {
 protected:
  FolderFile() {
    fs::remove_all(outer_);
    fs::create_directories(site_ / "pictures");
    Write(outer_ / "secret", "not for you");
    Write(site_ / "page", "page");
    Write(site_ / "pictures" / "cat", "cat");
    Write(site_ / ".hidden", "not for you");
    fs::create_directories(site_ / ".git");
    Write(site_ / ".git" / "config", "not for you");
  }
  ~FolderFile() { fs::remove_all(outer_); }

  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  // What the file has in it; "-" if there is none.
  std::string Read(std::string_view name) const {
    const std::unique_ptr<BodyStream> file = OpenInFolder(site_, name);
    if (file == nullptr) return "-";
    std::string all;
    char buffer[3];
    for (;;) {
      const BodyPiece piece = file->Next(buffer, sizeof buffer);
      if (piece.kind == BodyPiece::kEnd) break;
      if (piece.kind != BodyPiece::kBytes) return all + " and broken off";
      all.append(buffer, piece.bytes);
    }
    EXPECT_EQ(file->size(), all.size());
    return all;
  }

  const fs::path outer_ = fs::path(testing::TempDir()) / "folder_file_test";
  const fs::path site_ = outer_ / "site";
};

TEST_F(FolderFile, IsReadFromTheFolderAndBelow) {
  EXPECT_EQ(Read("page"), "page");
  EXPECT_EQ(Read("pictures/cat"), "cat");
  EXPECT_EQ(Read("nothing"), "-");
}

TEST_F(FolderFile, IsNeverOutside) {
  for (const std::string name :
       {"../secret", "pictures/../../secret", "..", ".", "./page", "pictures/./cat", "", "/",
        "/page", "page/", "page/page", "pictures", "pictures/", "pictures//cat", "../site/page"}) {
    EXPECT_EQ(Read(name), "-") << name;
  }
  EXPECT_EQ(Read((outer_ / "secret").string()), "-");
  EXPECT_EQ(Read(std::string_view("page\0.txt", 9)), "-");
}

TEST_F(FolderFile, IsNotAPrivateOne) {
  EXPECT_EQ(Read(".hidden"), "-");
  EXPECT_EQ(Read(".git/config"), "-");
}

TEST_F(FolderFile, IsNotReachedByALinkWhereverThatLeads) {
  fs::create_symlink(outer_ / "secret", site_ / "link");
  fs::create_symlink("page", site_ / "link_within");
  fs::create_directory_symlink(outer_, site_ / "folder_link");
  fs::create_directory_symlink("pictures", site_ / "folder_link_within");
  for (const char* name : {"link", "link_within", "folder_link/secret", "folder_link_within/cat"}) {
    EXPECT_EQ(Read(name), "-") << name;
  }
}

TEST_F(FolderFile, IsAPlainFile) {
  ASSERT_EQ(mkfifo((site_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(Read("pipe"), "-");  // and does not wait for its writer
}

TEST_F(FolderFile, TheFolderItselfMayBeALink) {
  fs::create_directory_symlink(site_, outer_ / "another_name");
  EXPECT_NE(OpenInFolder(outer_ / "another_name", "page"), nullptr);
  EXPECT_EQ(OpenInFolder(outer_ / "no_such_folder", "page"), nullptr);
}

TEST_F(FolderFile, BreaksOffIfItBecomesShorter) {
  const std::unique_ptr<BodyStream> file = OpenInFolder(site_, "page");
  char buffer[2];
  EXPECT_EQ(file->Next(buffer, 2).bytes, 2u);
  fs::resize_file(site_ / "page", 1);
  EXPECT_EQ(file->Next(buffer, 2).kind, BodyPiece::kBreakOff);
}

}  // namespace
}  // namespace interleave
