// tests/lab/output_file_test.cc
#include "runtime/lab/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace interleave::lab {
namespace {

class OutputFile : public testing::Test {
 protected:
  OutputFile() { unsetenv("BUILD_WORKING_DIRECTORY"); }

  std::string In(const std::string& name) { return testing::TempDir() + "/" + name; }

  std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
};

TEST_F(OutputFile, AskingLeavesNothingBehindAndChangesNothing) {
  const std::string path = In("asked.json");
  EXPECT_EQ(WhyNotWritable(path), "");
  EXPECT_FALSE(std::filesystem::exists(path));
  WriteOutputFile(path, "first");
  EXPECT_EQ(WhyNotWritable(path), "");
  EXPECT_EQ(Content(path), "first");
  WriteOutputFile(path, "2nd");
  EXPECT_EQ(Content(path), "2nd");
}

TEST_F(OutputFile, SaysWhyItCannotBeWritten) {
  EXPECT_EQ(WhyNotWritable(In("no/where.json")), "No such file or directory");
  EXPECT_EQ(WhyNotWritable(testing::TempDir()), "Is a directory");
  EXPECT_EQ(WhyNotWritable("/dev/full"), "Not a regular file");
}

TEST_F(OutputFile, APipeWithoutAReaderIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(mkfifo(In("pipe.json").c_str(), 0600), 0);
  EXPECT_EQ(WhyNotWritable(In("pipe.json")), "Not a regular file");
}

TEST_F(OutputFile, IsMeantFromWhereBazelRunWasTyped) {
  setenv("BUILD_WORKING_DIRECTORY", testing::TempDir().c_str(), 1);
  EXPECT_EQ(WhyNotWritable("relative.json"), "");
  WriteOutputFile("relative.json", "here");
  EXPECT_EQ(Content(In("relative.json")), "here");
}

}  // namespace
}  // namespace interleave::lab
