#include "host/runtime/process/ContainmentMark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/runtime/RuntimeWorld.h"
#include "tests/support/FakeFiles.h"

namespace tenon::host {
namespace {

class ContainmentMarkTest : public testing::Test {
 protected:
  ContainmentMark another(Files& files) { return ContainmentMark(files, log_, folder_ / "run/mark"); }
  std::string markOf(const ContainmentMark& mark) { return mark.name("").substr(0, mark.name("").size() - 1); }

  TempFolder folder_;
  MachineFiles machine_;
  RecordingLog log_;
  ScriptedProcesses processes_;
};

TEST_F(ContainmentMarkTest, IsAnotherForEveryLifeAndWrittenDown) {
  auto first = another(*machine_), second = another(*machine_);
  EXPECT_EQ(first.name("lexicon.3"), markOf(first) + ".lexicon.3");
  first.begin(processes_);
  EXPECT_EQ(folder_.read("run/mark"), markOf(first));
  second.begin(processes_);
  EXPECT_EQ(folder_.read("run/mark"), markOf(second));
  EXPECT_NE(markOf(first), markOf(second));
  EXPECT_THAT(log_.lines, testing::IsEmpty());
}

TEST_F(ContainmentMarkTest, EndsWhatBearsTheLastOne) {
  folder_.write("run/mark", "0123456789abcdef");
  SpawnRequest request;
  request.name = "0123456789abcdef.lexicon.3";
  ASSERT_TRUE(processes_.spawn(request));
  request.name = "f123456789abcdef.lexicon.3";
  ASSERT_TRUE(processes_.spawn(request));
  another(*machine_).begin(processes_);
  EXPECT_FALSE(processes_.all[0].treeAlive);
  EXPECT_TRUE(processes_.all[1].treeAlive);
}

TEST_F(ContainmentMarkTest, StaysTheLastOneWhereSomethingOfItCannotBeEnded) {
  folder_.write("run/mark", "0123456789abcdef");
  processes_.unkillable = Error(ErrorCode::Timeout, "some of it still runs after 5 s");
  auto mark = another(*machine_);
  mark.begin(processes_);
  EXPECT_EQ(markOf(mark), "0123456789abcdef");
  EXPECT_EQ(folder_.read("run/mark"), "0123456789abcdef");
  ASSERT_EQ(log_.lines.size(), 1u);
  EXPECT_THAT(log_.lines[0], testing::HasSubstr("still runs after 5 s"));
}

TEST_F(ContainmentMarkTest, StaysTheLastOneWhereItCannotBeReplaced) {
  for (std::uint64_t n = 1;; ++n) {
    folder_.write("run/mark", "0123456789abcdef");
    FakeFiles full(*machine_, folder_.path());
    full.failAt(n, ErrorCode::DiskFull);
    auto mark = another(full);
    mark.begin(processes_);
    if (full.calls() < n) break;
    EXPECT_EQ(markOf(mark), "0123456789abcdef");
    EXPECT_EQ(folder_.read("run/mark"), "0123456789abcdef");
    EXPECT_EQ(log_.lines.size(), n);
  }
  EXPECT_GT(log_.lines.size(), 2u);
}

// A power cut may tear it, and ends every process.
TEST_F(ContainmentMarkTest, ATornOneIsNone) {
  folder_.write("run/mark", "0123");
  auto mark = another(*machine_);
  mark.begin(processes_);
  EXPECT_EQ(folder_.read("run/mark"), markOf(mark));
  EXPECT_THAT(log_.lines, testing::IsEmpty());
}

}  // namespace
}  // namespace tenon::host
