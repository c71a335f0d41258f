// Which isolation a service gets, what refuses one, and whose its user is over its life.
#include "tests/host/lifecycle/LifeTest.h"

#include "host/lifecycle/preview/PlanPreview.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class IsolationLife : public LifeTest {
 protected:
  void become(IsolationFacts facts, Isolation least = Isolation::None) {
    world_.isolation = std::move(facts);
    world_.least = least;
    restartAgent();
  }
  std::vector<std::uint32_t> users() const {
    std::vector<std::uint32_t> all;
    for (const auto& process : world_.machine.running()) all.push_back(process.user.value_or(0));
    return all;
  }
  std::uint32_t userOf(const std::string& version) {
    installed(version);
    const auto all = users();
    return all.size() == 1 ? all[0] : 0;
  }
};

TEST_F(IsolationLife, AServiceKeepsItsUserOverUpgradesAndAgents) {
  become({});
  const auto user = userOf("1.1.0");
  ASSERT_GE(user, 70000U);
  EXPECT_EQ(userOf("1.2.0"), user);
  expectEnd(agent().rollback(), State::Done);
  EXPECT_THAT(users(), ElementsAre(user));
  restartAgent();
  expectEnd(agent().restartService(), State::Done);
  EXPECT_THAT(users(), ElementsAre(user));
}

TEST_F(IsolationLife, AUserIsGivenBackWithThePurge) {
  become({});
  userOf("1.1.0");
  expectEnd(agent().remove(), State::Done);
  EXPECT_THAT(folder_.read("users.json"), HasSubstr("asr"));
  expectEnd(agent().remove(true), State::Done);
  EXPECT_THAT(folder_.read("users.json"), testing::Not(HasSubstr("asr")));
}

TEST_F(IsolationLife, WithoutUsersNothingIsWrittenOfThem) {
  become({"no users here", ""});
  EXPECT_EQ(userOf("1.1.0"), 0U);
  EXPECT_FALSE(folder_.exists("users.json"));
}

TEST_F(IsolationLife, StrictThatCannotBeHadIsRefusedBeforeAnythingChanges) {
  installed("1.1.0");
  become({"", "no Landlock here"}, Isolation::Strict);
  const auto before = services();
  const auto starts = world_.machine.starts();
  publish("1.2.0");
  const auto change = agent().install("asr@1.2.0");
  expectEnd(change, State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(change->error->message(), HasSubstr("no Landlock here"));
  EXPECT_EQ(services(), before);
  EXPECT_EQ(world_.machine.starts(), starts);
}

TEST_F(IsolationLife, WhatRunsRunsOnWhereItCouldNotBeStartedAgain) {
  installed("1.1.0");
  const auto before = world_.machine.running();
  become({"no users here", ""}, Isolation::Strict);
  ASSERT_EQ(world_.machine.running().size(), 1U);
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity);
  EXPECT_EQ(agent().serving(), "1.1.0 ready");
  const auto change = agent().restartService();
  expectEnd(change, State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(change->error->message(), HasSubstr("no users here"));
  EXPECT_EQ(world_.machine.running()[0].identity, before[0].identity) << "nor is it stopped for that";
  expectEnd(agent().stopService(), State::Done);
  expectEnd(agent().startService(), State::Failed, ErrorCode::ResourceMissing);
  EXPECT_THAT(world_.machine.versions(), IsEmpty());
}

TEST_F(IsolationLife, APlanSaysWhichItWouldBeAndWhyItCannot) {
  become({"no users here", ""}, Isolation::Strict);
  publish("1.1.0");
  const auto plan = previewInstall(agent().with(), ReleaseSpec::parse("asr@1.1.0").value());
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->isolation, "strict, the least of this node (standard was asked for)");
  ASSERT_EQ(plan->problems.size(), 1U);
  EXPECT_EQ(plan->problems[0].code(), ErrorCode::ResourceMissing);
}

}  // namespace
}  // namespace tenon::host
