// What the node's owner sets for a service.
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EnvironmentTest : public LifeTest {
 protected:
  std::string logLevel() {
    const auto running = world_.machine.running();
    return running.size() == 1 ? running.front().logLevel : std::to_string(running.size()) + " processes";
  }
  void expectRefused(const EnvironmentChanges& changes, ErrorCode code, const std::string& why) {
    const auto before = services();
    const auto refused = agent().set(changes);
    ASSERT_FALSE(refused) << why;
    EXPECT_EQ(refused.error().code(), code) << refused.error().message();
    EXPECT_THAT(refused.error().message(), HasSubstr(why));
    EXPECT_EQ(services(), before);
  }
};

TEST_F(EnvironmentTest, IsThatOfTheNextStartAndOfEveryVersion) {
  installed("1.1.0");
  ASSERT_TRUE(agent().set({{"LOG_LEVEL", "debug"}, {"EXTRA", "${SERVICE_ID}"}}));
  EXPECT_EQ(logLevel(), "info") << "what runs runs on";
  EXPECT_THAT(agent().environment()->undeclared, ElementsAre("EXTRA"));
  expectEnd(agent().restartService(), State::Done);
  EXPECT_EQ(logLevel(), "debug");
  publish("1.2.0");
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_EQ(logLevel(), "debug");
  restartAgent();
  ASSERT_TRUE(agent().set({{"LOG_LEVEL", std::nullopt}, {"NEVER_SET", std::nullopt}}));
  EXPECT_EQ(agent().environment()->set.size(), 1U);
  expectEnd(agent().restartService(), State::Done);
  EXPECT_EQ(logLevel(), "info");
  EXPECT_EQ(disk().fault(), "");
}

TEST_F(EnvironmentTest, OfAServiceThatIsYetToBeInstalledIsThatOfItsFirstStart) {
  ASSERT_TRUE(agent().set({{"LOG_LEVEL", "debug"}}));
  restartAgent();
  EXPECT_EQ(agent().recoveryFault(), "");
  EXPECT_THAT(agent().environment()->undeclared, IsEmpty());
  installed("1.1.0");
  EXPECT_EQ(logLevel(), "debug");
  expectEnd(agent().remove(), State::Done);
  EXPECT_TRUE(agent().environment()->set.empty()) << "it goes with the service";
}

TEST_F(EnvironmentTest, ThatCannotBeChangesNothing) {
  installed("1.1.0");
  ASSERT_TRUE(agent().set({{"LOG_LEVEL", "debug"}}));
  expectRefused({{"LOG_LEVEL", "trace"}, {"1ST", "x"}}, ErrorCode::Usage, "letters, digits");
  expectRefused({{"SERVICE_PORT", "80"}}, ErrorCode::Usage, "told by the node");
  expectRefused({{"WORKERS", "many"}}, ErrorCode::Usage, "is no integer");
  expectRefused({{"WORKERS", "4 "}}, ErrorCode::Usage, "is no integer");
  expectRefused({{"LOG_LEVEL", "${HOST_NAME}"}}, ErrorCode::Usage, "HOST_NAME");
  expectRefused({{"LOG_LEVEL", std::string(128 * limits::KiB, 'x')}}, ErrorCode::LimitExceeded, "bytes of them");
  expectRefused({{std::string(257, 'N'), "x"}}, ErrorCode::LimitExceeded, "a name");
  expectRefused({{"LOG_LEVEL", std::string("a\0b", 3)}}, ErrorCode::LimitExceeded, "no null");
  EnvironmentChanges many;
  for (std::size_t i = 0; i < limits::kEnvironmentEntries; ++i) many["V" + std::to_string(i)] = "";
  expectRefused(many, ErrorCode::LimitExceeded, "more than");
  ASSERT_TRUE(agent().set({{"WORKERS", "4"}}));
}

TEST_F(EnvironmentTest, ThatDoesNotFitAReleaseKeepsItAwayAndOutlivesItsFailure) {
  ASSERT_TRUE(agent().set({{"WORKERS", "many"}, {"LOG_LEVEL", "debug"}})) << "of no release is known yet what it takes";
  publish("1.1.0");
  const auto refused = agent().install("asr");
  expectEnd(refused, State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(refused->error->hint(), HasSubstr("tenon set asr"));
  EXPECT_EQ(agent().environment()->set.size(), 2U);
  ASSERT_TRUE(agent().set({{"WORKERS", "2"}}));
  expectEnd(agent().install("asr"), State::Done);
  EXPECT_EQ(logLevel(), "debug");
}

TEST_F(EnvironmentTest, ThatADriverIsToldOfIsForItToAccept) {
  installed("1.1.0");
  killAgent();
  world_.hasDriver = false;
  restartAgent();
  ASSERT_TRUE(agent().set({{"LOG_LEVEL", "debug"}})) << "no driver is told of it";
  expectRefused({{"LD_LIBRARY_PATH", "/opt/lib"}}, ErrorCode::DriverMissing, "argv");
  killAgent();
  world_.hasDriver = true;
  restartAgent();
  publish("1.2.0");
  expectEnd(agent().upgrade(), State::Done);
  ASSERT_TRUE(agent().set({{"LD_LIBRARY_PATH", "/opt/lib"}}));
  EXPECT_TRUE(disk().store.plan(release("1.2.0")));
  EXPECT_FALSE(disk().store.plan(release("1.1.0"))) << "the one of before was made by what was set before";
  expectEnd(agent().rollback(), State::Done);
}

}  // namespace
}  // namespace tenon::host
