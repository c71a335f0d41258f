#include "host/observe/LogFile.h"

#include <gtest/gtest.h>

#include "host/base/Limits.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

class LogFileTest : public testing::Test {
 protected:
  std::unique_ptr<LogFile> open(LogLevel least = LogLevel::Info) {
    auto opened = LogFile::open(*files_, clock_, folder_ / "agent.log", least);
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  TempFolder folder_;
  MachineFiles files_;
  FakeClock clock_;
};

TEST_F(LogFileTest, GoesOnWhereTheLastAgentEnded) {
  open()->info("first");
  open()->info("second");
  const std::string text = folder_.read("agent.log");
  EXPECT_NE(text.find("info first\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("info second\n")) << text;
}

TEST_F(LogFileTest, LeavesOutWhatIsBelowItsLevel) {
  const auto log = open(LogLevel::Warning);
  log->info("quiet");
  log->warning("loud");
  EXPECT_EQ(folder_.read("agent.log").find("quiet"), std::string::npos);
}

TEST_F(LogFileTest, IsMovedAsideWhenItIsFull) {
  folder_.write("agent.log", std::string(limits::kLogFileBytes, 'x'));
  open()->info("new");
  EXPECT_EQ(folder_.read("agent.log.1").size(), limits::kLogFileBytes);
  EXPECT_TRUE(folder_.read("agent.log").ends_with("info new\n"));
  EXPECT_LT(folder_.read("agent.log").size(), 100U);
}

TEST_F(LogFileTest, AFolderThatIsNotThereIsTold) {
  const auto opened = LogFile::open(*files_, clock_, folder_ / "no/agent.log", LogLevel::Info);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("log file"), std::string::npos);
}

}  // namespace tenon::host
