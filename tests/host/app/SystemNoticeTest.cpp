// Told to a socket of the test's own, in the manager's place.
#include "host/app/SystemNotice.h"

#include <Poco/Net/DatagramSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class CountingLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

class Manager {
 public:
  explicit Manager(const std::string& path) : socket_(Poco::Net::SocketAddress(path)) {
    socket_.setReceiveTimeout(Poco::Timespan(10, 0));  // only a test that fails waits so long
  }
  std::string next() {
    std::array<char, 1000> text;
    return {text.data(), static_cast<std::size_t>(socket_.receiveBytes(text.data(), static_cast<int>(text.size())))};
  }

 private:
  Poco::Net::DatagramSocket socket_;
};

TEST(SystemNotice, ReachesTheManagerOneDatagramANotice) {
  const TempFolder folder;
  const std::string path = (folder / "notify").text();
  Manager manager(path);
  CountingLog log;
  SystemNotice notice(path, log);
  notice.send("READY=1\nSTATUS=agent serves");
  notice.send("WATCHDOG=1");
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=agent serves");
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  EXPECT_TRUE(log.lines.empty());
}

TEST(SystemNotice, FailsNothingWhereNobodyListensAndSaysSoOnce) {
  const TempFolder folder;
  CountingLog log;
  SystemNotice notice((folder / "nobody").text(), log);
  notice.send("READY=1");
  notice.send("WATCHDOG=1");
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_THAT(log.lines[0], testing::HasSubstr("NOTIFY_SOCKET"));
  SystemNotice("", log).send("READY=1");
  EXPECT_EQ(log.lines.size(), 1u);
}

}  // namespace
}  // namespace tenon::host
