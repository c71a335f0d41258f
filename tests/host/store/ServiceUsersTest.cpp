#include "host/store/ServiceUsers.h"

#include <gtest/gtest.h>

#include <set>

#include "host/trust/Sha256.h"
#include "tests/host/store/CrashSweep.h"

namespace tenon::host {
namespace {

ServiceId serviceNamed(const std::string& id) { return ServiceId::parse(id).value(); }

class ServiceUsersTest : public testing::Test {
 protected:
  ServiceUsers users(UserRange range = {}) { return {*files_, PackageLayout(folder_.path()), &sha256, range}; }

  MachineFiles files_;
  TempFolder folder_;
};

TEST_F(ServiceUsersTest, AServiceKeepsTheNumberThatItGot) {
  std::uint32_t first = 0;
  {
    auto agent = users();
    first = agent.userOf(serviceNamed("asr")).value();
    EXPECT_GE(first, 70000U);
    EXPECT_LE(first, 79999U);
    EXPECT_EQ(agent.userOf(serviceNamed("asr")).value(), first);
  }
  EXPECT_EQ(users().userOf(serviceNamed("asr")).value(), first) << folder_.read("users.json");
}

TEST_F(ServiceUsersTest, NoTwoServicesShareOneAndTheLastIsFollowedByAnError) {
  auto agent = users({70000, 70009});
  std::set<std::uint32_t> given;
  for (int i = 0; i < 10; ++i) given.insert(agent.userOf(serviceNamed("service-" + std::to_string(i))).value());
  EXPECT_EQ(given.size(), 10U);
  const auto more = agent.userOf(serviceNamed("one-more"));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::LimitExceeded);
  EXPECT_NE(more.error().message().find("70000-70009"), std::string::npos);
  EXPECT_NE(more.error().hint().find("service_users"), std::string::npos);
}

TEST_F(ServiceUsersTest, AForgottenNumberMayBeGivenAgain) {
  auto agent = users({70000, 70000});
  ASSERT_TRUE(agent.userOf(serviceNamed("asr")));
  ASSERT_FALSE(agent.userOf(serviceNamed("tts")));
  ASSERT_TRUE(agent.forget(serviceNamed("asr")));
  ASSERT_TRUE(agent.forget(serviceNamed("asr")));
  EXPECT_EQ(agent.userOf(serviceNamed("tts")).value(), 70000U);
  EXPECT_EQ(folder_.read("users.json").find("asr"), std::string::npos);
}

TEST_F(ServiceUsersTest, AChangedRangeMovesThoseThatAreOutsideOfIt) {
  ASSERT_EQ(users({70000, 70000}).userOf(serviceNamed("asr")).value(), 70000U);
  EXPECT_EQ(users({80000, 80000}).userOf(serviceNamed("asr")).value(), 80000U);
  EXPECT_EQ(users({80000, 80000}).userOf(serviceNamed("asr")).value(), 80000U);
}

TEST_F(ServiceUsersTest, AnotherNodeBeginsElsewhere) {
  const TempFolder another;
  ServiceUsers there(*files_, PackageLayout(another.path()), &sha256, {70000, 4000000});
  EXPECT_NE(there.userOf(serviceNamed("asr")).value(), users({70000, 4000000}).userOf(serviceNamed("asr")).value());
}

TEST_F(ServiceUsersTest, AFileThatCannotBeBelievedIsToldAndLeftAlone) {
  for (const std::string text : {"{", R"({"users":{"a":70001,"b":70001}})", R"({"users":{"a":-1}})", R"({"users":[]})"}) {
    folder_.write("users.json", text);
    const auto user = users().userOf(serviceNamed("asr"));
    ASSERT_FALSE(user) << text;
    EXPECT_EQ(user.error().code(), ErrorCode::StateCorrupt) << text;
    EXPECT_FALSE(user.error().hint().empty());
    EXPECT_EQ(folder_.read("users.json"), text);
  }
  folder_.write("users.json", R"({"users":{"tts":70001,"nmt":70001}})");
  EXPECT_NE(users().userOf(serviceNamed("asr")).error().message().find("70001"), std::string::npos);
}

// Else the next service might be given the number, and with it what the first has written.
TEST(ServiceUsersCrash, Case54ANumberThatWasGivenStaysGiven) {
  std::uint32_t given = 0;  // by the try that is done
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) -> Result<void> {
    TENON_TRY(given, ServiceUsers(files, PackageLayout(root), &sha256, {}).userOf(serviceNamed("asr")));
    return {};
  };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto kept = files.readAll(root / "users.json", limits::KiB);
    if (done) {
      EXPECT_NE(kept.value_or("(missing)").find(std::to_string(given)), std::string::npos);
    }
  };
  EXPECT_GT(sweep.run(), 3U);
}

TEST(UserRange, IsReadFromItsEnds) {
  const auto range = UserRange::parse("61184-65519");
  ASSERT_TRUE(range);
  EXPECT_TRUE(range->contains(61184) && range->contains(65519));
  EXPECT_FALSE(range->contains(61183) || range->contains(65520));
  EXPECT_TRUE(UserRange::parse("70000-70000"));
}

TEST(UserRange, HoldsNobodyWhoIsSomebody) {
  for (const std::string text : {"", "-", "70000", "70000-", "-70000", "70001-70000", "0-70000", "999-2000", "65000-65534",
                                 "65535-70000", "70000-4294967295", "70000-4294967296", "70000-80000x", "a-b"}) {
    const auto range = UserRange::parse(text);
    ASSERT_FALSE(range) << text;
    EXPECT_EQ(range.error().code(), ErrorCode::Usage) << text;
  }
}

}  // namespace
}  // namespace tenon::host
