#include "host/adapter/AtomicFile.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/support/DiskOffers.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class AtomicFile : public testing::Test {
 protected:
  std::vector<FolderEntry> entries() { return files_->list(folder_.path()).value(); }

  TempFolder folder_;
  MachineFiles files_;
};

TEST_F(AtomicFile, WritesANewFileAndLeavesNothingBesideIt) {
  ASSERT_TRUE(writeAtomically(*files_, folder_ / "a.json", "{}\n"));
  EXPECT_EQ(folder_.read("a.json"), "{}\n");
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(AtomicFile, ReplacesWhatWasThere) {
  folder_.write("a.json", "a long old text");
  ASSERT_TRUE(writeAtomically(*files_, folder_ / "a.json", "new"));
  EXPECT_EQ(folder_.read("a.json"), "new");
}

TEST_F(AtomicFile, WritesAnEmptyFile) {
  ASSERT_TRUE(writeAtomically(*files_, folder_ / "empty", ""));
  EXPECT_EQ(folder_.read("empty"), "");
}

TEST_F(AtomicFile, KeepsSecretsFromOthers) {
  TENON_NEEDS_MODES();
  ASSERT_TRUE(writeAtomically(*files_, folder_ / "token", "secret", true));
  const auto perms = std::filesystem::status((folder_ / "token").text()).permissions();
  EXPECT_EQ(perms & (std::filesystem::perms::group_all | std::filesystem::perms::others_all), std::filesystem::perms::none);
}

TEST_F(AtomicFile, NamesTheFileInItsErrorAndRemovesTheTemporary) {
  std::filesystem::create_directories((folder_ / "taken/inside").text());  // a folder cannot be replaced by a file
  const auto written = writeAtomically(*files_, folder_ / "taken", "x");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("taken"), std::string::npos) << written.error().message();
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(AtomicFile, SaysWhereTheFolderIsMissing) {
  const auto written = writeAtomically(*files_, folder_ / "no/such/file", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::NotFound);
}

TEST_F(AtomicFile, TakesNamesAsLongAsTheDiskTakes) {
  const std::string longest(255, 'n');
  ASSERT_TRUE(writeAtomically(*files_, folder_ / longest, "x"));
  EXPECT_EQ(folder_.read(longest), "x");
}

TEST_F(AtomicFile, SurvivesTwoWritersOfOneFile) {
  const auto writeMany = [&](char letter) {
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(writeAtomically(*files_, folder_ / "shared", std::string(10'000, letter)));
  };
  std::thread other([&] { writeMany('b'); });
  writeMany('a');
  other.join();
  const auto text = folder_.read("shared");
  ASSERT_EQ(text.size(), 10'000U);
  EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 1U);
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(AtomicFile, RemovesDurablyAndTakesMissingForDone) {
  folder_.write("a", "x");
  EXPECT_TRUE(removeDurably(*files_, folder_ / "a"));
  EXPECT_FALSE(folder_.exists("a"));
  EXPECT_TRUE(removeDurably(*files_, folder_ / "a"));
  EXPECT_TRUE(removeDurably(*files_, folder_ / "no/folder/either"));
}

TEST_F(AtomicFile, SweepsOnlyItsOwnTemporaries) {
  folder_.write(".current.json.0123456789abcdef.tmp", "half");
  for (const auto* name : {"current.json", ".hidden", ".x.tmp", "current.json.0123456789abcdef.tmp",
                           ".a.0123456789ABCDEF.tmp", ".a.0123456789abcde.tmp"}) {
    folder_.write(name, "keep");
  }
  ASSERT_TRUE(removeTemporaries(*files_, folder_.path()));
  EXPECT_FALSE(folder_.exists(".current.json.0123456789abcdef.tmp"));
  EXPECT_EQ(entries().size(), 6U);
  EXPECT_TRUE(removeTemporaries(*files_, folder_ / "missing"));
}

TEST(UniqueSuffix, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(uniqueSuffix());
  EXPECT_EQ(seen.size(), 10'000U);
  EXPECT_TRUE(isTemporaryName(".a." + *seen.begin() + ".tmp"));
}

}  // namespace
}  // namespace tenon::host
