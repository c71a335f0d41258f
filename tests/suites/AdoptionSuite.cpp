#include <random>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

namespace {

using How = ProcessEnd::How;

// Another number in the identity's "start_time".
std::string withOtherStart(std::string identity) {
  const auto at = identity.find("\"start_time\":");
  if (at == std::string::npos) throw std::runtime_error(identity);
  return identity.insert(at + 13, "9");
}

std::string withOtherBoot(std::string identity) {
  const auto at = identity.find("\"boot_id\":\"");
  if (at == std::string::npos) throw std::runtime_error(identity);
  return identity.replace(at + 11, 8, "00000000");
}

std::string pidOf(const std::string& identity) {
  const auto at = identity.find("\"pid\":");
  if (at == std::string::npos) throw std::runtime_error(identity);
  return std::to_string(std::stoll(identity.substr(at + 6)));
}

// As no other test of this machine names its containments.
std::string ownMark() {
  std::random_device random;
  return "suite-" + std::to_string(random()) + "-" + std::to_string(random()) + ".";
}

}  // namespace

TEST_P(ProcessSuite, AnotherAdapterTakesUpARunningProcess) {
  const auto spawned = processes().spawn(requestFor({"sleep"}));
  ASSERT_TRUE(spawned);
  processes().release(spawned->process);

  adapter_ = openAnother();
  const auto adopted = processes().adopt(spawned->identity);
  ASSERT_TRUE(adopted) << adopted.error().message();
  own(*adopted);
  EXPECT_EQ(waitForCount(*adopted, 1), 1u);
  ASSERT_TRUE(processes().signal(*adopted, "TERM"));
  EXPECT_NE(waitForEnd(*adopted).how, How::Exited);
}

TEST_P(ProcessSuite, AProcessOutlivesItsAgentAndIsTakenUpByTheNext) {
  const std::string identity = runAgent({"spawn", "stubborn", folder_.text()});
  const std::string grandchild = waitForLine("grandchild ");
  const auto adopted = processes().adopt(identity);
  ASSERT_TRUE(adopted) << adopted.error().message() << " " << identity;
  own(*adopted);
  EXPECT_EQ(waitForCount(*adopted, 2), 2u);
  ASSERT_TRUE(processes().killTree(*adopted));
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
  const auto end = waitForEnd(*adopted);  // no child of ours: its end is told, its code only where the kernel keeps it
  EXPECT_TRUE(end.how == How::Unknown || (end.how == How::Signalled && end.code == 9));
}

TEST_P(ProcessSuite, Case60AReusedNumberIsNotTakenForTheProcess) {
  const auto spawned = spawn({"sleep"});
  const auto adopted = openAnother()->processes().adopt(withOtherStart(spawned.identity));
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(runAgent({"is-alive", std::to_string(spawned.pid)}), "yes");
}

TEST_P(ProcessSuite, AProcessOfAnotherBootIsNotFound) {
  const auto spawned = spawn({"sleep"});
  const auto adopted = openAnother()->processes().adopt(withOtherBoot(spawned.identity));
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(runAgent({"is-alive", std::to_string(spawned.pid)}), "yes");
}

TEST_P(ProcessSuite, AnEndedProcessIsNotFound) {
  const auto spawned = spawn({"exit", "0"});
  waitForEnd(spawned.process);
  const auto adopted = openAnother()->processes().adopt(spawned.identity);
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().code(), ErrorCode::NotFound);
}

TEST_P(ProcessSuite, WhatAnEndedProcessLeftBehindIsKilledWhenItIsNotFound) {
  const std::string identity = runAgent({"spawn", "abandon", folder_.text()});
  const std::string grandchild = waitForLine("grandchild ");
  while (runAgent({"is-alive", waitForLine("main ")}) == "yes") {  // on its way out
  }
  const auto adopted = processes().adopt(identity);
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
}

TEST_P(ProcessSuite, WhatADeadAgentStartedAndToldNobodyOfIsKilledByItsName) {
  const std::string mark = ownMark();
  const std::string main = pidOf(runAgent({"spawn-as", mark + "lexicon.1", "stubborn", folder_.text()}));
  const std::string grandchild = waitForLine("grandchild ");
  ASSERT_EQ(runAgent({"is-alive", main}), "yes");
  const auto killed = processes().killUnknown(mark);
  ASSERT_TRUE(killed) << killed.error().message();
  EXPECT_EQ(runAgent({"is-alive", main}), "no");
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
  EXPECT_TRUE(processes().killUnknown(mark));  // nothing is left
}

TEST_P(ProcessSuite, WhatIsAdoptedOrBearsAnotherNameIsNotKilledAsUnknown) {
  const std::string mark = ownMark();
  const std::string known = runAgent({"spawn-as", mark + "lexicon.1", "sleep", folder_.text()});
  const std::string other = runAgent({"spawn-as", "x-" + mark + "lexicon.1", "sleep", folder_.text()});
  const auto adopted = processes().adopt(known);
  ASSERT_TRUE(adopted) << adopted.error().message();
  own(*adopted);
  ASSERT_TRUE(processes().killUnknown(mark));
  EXPECT_EQ(waitForCount(*adopted, 1), 1u);
  const auto stranger = processes().adopt(other);
  ASSERT_TRUE(stranger) << stranger.error().message();
  own(*stranger);
}

TEST_P(ProcessSuite, WithoutANameNothingIsKilledAsUnknown) {
  for (const std::string_view beginning : {"", "../x", "a b"}) {
    const auto refused = processes().killUnknown(beginning);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Usage);
  }
}

TEST_P(ProcessSuite, RefusesARecordThatIsNoIdentity) {
  const auto spawned = spawn({"sleep"});
  for (const std::string& record : {std::string(), std::string("{}"), std::string("[1]"),
                                    std::string(R"({"schema":"tenon.process/1","pid":1,"start_time":1,"boot_id":"x"})"),
                                    spawned.identity.substr(0, spawned.identity.size() / 2)}) {
    const auto adopted = processes().adopt(record);
    ASSERT_FALSE(adopted) << record;
    EXPECT_EQ(adopted.error().code(), ErrorCode::Usage) << record;
  }
}

}  // namespace tenon::host
