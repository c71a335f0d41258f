#include "host/runtime/PortAllocator.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gtest/gtest.h>

namespace tenon::host {
namespace {

TEST(PortAllocator, AFixedPortIsThatOneOrNone) {
  PortAllocator ports([](std::uint16_t port) { return port != 5102; });
  EXPECT_EQ(ports.allocateFixed(5101).value(), 5101);
  const auto again = ports.allocateFixed(5101), taken = ports.allocateFixed(5102);
  ASSERT_FALSE(again);
  ASSERT_FALSE(taken);
  EXPECT_EQ(again.error().code(), ErrorCode::PortTaken);
  EXPECT_NE(taken.error().message().find("port 5102 is taken"), std::string::npos);
  ports.release(5101);
  EXPECT_TRUE(ports.allocateFixed(5101));
}

TEST(PortAllocator, GivesTheWantedPortThenTheNext) {
  PortAllocator ports([](std::uint16_t port) { return port != 5102; });
  EXPECT_EQ(ports.allocate(5101).value(), 5101);
  EXPECT_EQ(ports.allocate(5101).value(), 5103);
}

TEST(PortAllocator, GivesAReleasedPortAgain) {
  PortAllocator ports([](std::uint16_t) { return true; });
  EXPECT_EQ(ports.allocate(5101).value(), 5101);
  ports.reserve(5102);
  EXPECT_EQ(ports.allocate(5101).value(), 5103);
  ports.release(5101);
  EXPECT_EQ(ports.allocate(5101).value(), 5101);
}

TEST(PortAllocator, TakesWhatTheSystemGivesAfterAHundredTries) {
  std::set<std::uint16_t> taken;
  for (std::uint16_t port = 5101; port <= 5200; ++port) taken.insert(port);
  std::set<std::uint16_t> almost = taken;
  almost.erase(5200);
  PortAllocator last([almost](std::uint16_t port) { return !almost.contains(port); });
  EXPECT_EQ(last.allocate(5101).value(), 5200);
  PortAllocator none([taken](std::uint16_t port) { return !taken.contains(port); });
  const auto port = none.allocate(5101).value();
  EXPECT_TRUE(port < 5101 || port > 5201);
}

TEST(PortAllocator, StopsAtTheLastPort) {
  PortAllocator ports([](std::uint16_t port) { return port < 60000; });
  EXPECT_TRUE(ports.allocate(65535) || true);  // no overflow, no hang
}

TEST(PortAllocator, WithoutAWishTakesWhatTheSystemGives) {
  PortAllocator ports([](std::uint16_t) { return true; });
  const auto first = ports.allocate(std::nullopt).value();
  EXPECT_NE(first, 0);
  EXPECT_NE(ports.allocate(0).value(), first);
}

TEST(PortAllocator, SaysWhatItTriedWhereNoneIsFree) {
  PortAllocator ports([](std::uint16_t) { return false; });
  const auto none = ports.allocate(5101);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::PortTaken);
  EXPECT_NE(none.error().message().find("tried 5101 and the next 99"), std::string::npos);
}

TEST(PortAllocator, SeesAListenerOnThisMachineAndThatItHasGone) {
  const auto free = PortAllocator::loopbackProbe();
  std::uint16_t onLoopback = 0;
  {
    const Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
    onLoopback = listener.address().port();
    EXPECT_FALSE(free(onLoopback));
    const Poco::Net::ServerSocket anywhere(Poco::Net::SocketAddress("0.0.0.0", 0));
    EXPECT_FALSE(free(anywhere.address().port()));
  }
  EXPECT_TRUE(free(onLoopback));
}

}  // namespace
}  // namespace tenon::host
