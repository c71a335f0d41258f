// Changes that are refused: the error is named, services/** is byte for byte what it was, and the old release serves on.
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;

class Refusal : public LifeTest {
 protected:
  // One bit of a file that changed is another. (One that did not change would not even be fetched.)
  static PackedRelease tampered(PackedRelease release) {
    const auto at = release.zip.find("words of ");
    EXPECT_NE(at, std::string::npos);
    release.zip[at] = static_cast<char>(release.zip[at] ^ 1);
    return release;
  }
  void expectRefused(const Result<Change>& change, ErrorCode code) {
    expectEnd(change, State::Failed, code);
    EXPECT_EQ(change->outcome, "nothing was changed");
  }
  // By one event of the change. Beside it an agent that was started anew meanwhile tells of the service that it took up, and
  // what was unpacked in vain is collected.
  void expectTold(std::uint64_t before, ErrorCode code) {
    auto events = agent().with().events.after(before, 100);
    std::erase_if(events,
                  [](const Event& event) { return event.type == "store-collected" || event.type.starts_with("service-"); });
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].type, "change-ended");
    EXPECT_EQ(events[0].service, "asr");
    EXPECT_FALSE(events[0].why.empty());
    const std::pair<std::string, std::string> failed{"result", "failed"}, named{"code", std::string(name(code))};
    EXPECT_THAT(events[0].details, testing::AllOf(testing::Contains(failed), testing::Contains(named)));
  }
  // With 1.1.0 installed, whatever `attempt` does is refused and leaves no trace.
  void refuses(ErrorCode code, const std::function<Result<Change>()>& attempt) {
    installed("1.1.0");
    const auto before = services();
    const auto starts = world_.machine.starts();
    const auto told = agent().with().events.last();
    expectRefused(attempt(), code);
    expectTold(told, code);
    EXPECT_EQ(services(), before);
    EXPECT_EQ(world_.machine.starts(), starts);
    EXPECT_EQ(agent().serving(), "1.1.0 ready");
    EXPECT_EQ(disk().leftover(), "");
    EXPECT_TRUE(files_.list(folder_ / "cache").value().empty());
  }
};

TEST_F(Refusal, OfAZipThatIsNotTheOneListed) {
  refuses(ErrorCode::ContentMismatch, [&] {
    publish("1.2.0");
    world_.hub.sendInstead("1.2.0", tampered(world_.shop.release("1.2.0")).zip);
    return agent().install("asr");
  });
}

TEST_F(Refusal, Case40OfTamperedContentThatTheHubVouchesFor) {
  refuses(ErrorCode::ContentMismatch, [&] {
    world_.hub.publish(tampered(world_.shop.release("1.2.0")));
    return agent().install("asr");
  });
}

TEST_F(Refusal, Case03OfAReleaseByAnUnknownKey) {
  refuses(ErrorCode::KeyUnknown, [&] {
    ReleaseShop stranger;
    world_.hub.publish(stranger.release("1.2.0"));
    return agent().install("asr");
  });
}

TEST_F(Refusal, LeavesNoFolderOfAServiceThatWasNotThere) {
  ReleaseShop stranger;
  world_.hub.publish(stranger.release("1.2.0"));
  expectRefused(agent().install("asr"), ErrorCode::KeyUnknown);
  EXPECT_FALSE(disk().isThere());
  EXPECT_FALSE(agent().registry().find(asr()));
  world_.hub.publish(world_.shop.release("1.3.0", false, "broken"));  // refused after it was unpacked
  expectRefused(agent().install("asr"), ErrorCode::PlanInvalid);
  EXPECT_FALSE(disk().isThere());
}

TEST_F(Refusal, OfAReleaseThatTheHubDoesNotHave) {
  refuses(ErrorCode::NotFound, [&] { return agent().install("asr@9.9.9"); });
}

TEST_F(Refusal, OfAReleaseThatNoDriverRuns) {
  refuses(ErrorCode::DriverMissing, [&] {
    world_.hub.publish(world_.shop.release("1.2.0", false, "fortran"));
    return agent().install("asr");
  });
}

TEST_F(Refusal, OfAReleaseThatTheDriverDoesNotTake) {
  refuses(ErrorCode::PlanInvalid, [&] {
    world_.hub.publish(world_.shop.release("1.2.0", false, "broken"));
    return agent().install("asr");
  });
}

TEST_F(Refusal, Case20OfAnOlderReleaseUnlessItIsAskedFor) {
  refuses(ErrorCode::DowngradeRefused, [&] {
    publish("1.0.0");
    return agent().install("asr@1.0.0");
  });
  expectEnd(agent().install("asr@1.0.0", {.allowDowngrade = true}), State::Done);
  EXPECT_EQ(disk().currentText(), "1.0.0 good");
}

TEST_F(Refusal, Case20OfAnOlderReleaseAlsoWhereItIsStillHere) {
  installed("1.0.0");
  refuses(ErrorCode::DowngradeRefused, [&] { return agent().install("asr@1.0.0"); });
  expectEnd(agent().install("asr@1.0.0", {.allowDowngrade = true}), State::Done);
  EXPECT_EQ(disk().currentText(), "1.0.0 good");
}

TEST_F(Refusal, OfOtherContentUnderAnInstalledVersion) {
  refuses(ErrorCode::ContentMismatch, [&] {
    ReleaseShop again;  // the same version, packed anew by a key that is trusted as well
    auto other = again.release("1.1.0", true);
    world_.shop.trust(again);
    restartAgent();
    world_.hub.publish(other);
    return agent().install("asr");
  });
}

}  // namespace
}  // namespace tenon::host
