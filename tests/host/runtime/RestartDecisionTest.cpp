#include "host/runtime/supervision/RestartDecision.h"

#include <gtest/gtest.h>

#include "host/runtime/supervision/Why.h"

namespace tenon::host {
namespace {

using Verdict = RestartDecision::Verdict;
using When = RestartPolicy::When;
using std::chrono::milliseconds;

constexpr double kMost = 0.999999;

class RestartDecisionTest : public testing::Test {
 protected:
  RestartDecision::Answer crash(Millis healthyFor = Millis{-1}, double chance = 1.0) {
    now_ += Millis{1};
    return decision().decide({.at = now_,
                              .failure = true,
                              .wasHealthy = healthyFor >= Millis{0},
                              .healthyFor = std::max(healthyFor, Millis{0}),
                              .chance = chance});
  }
  RestartDecision::Answer completion() {
    return decision().decide({.at = now_, .failure = false, .wasHealthy = true, .healthyFor = Millis{0}, .chance = 0});
  }
  RestartDecision& decision() {
    if (!decision_) decision_.emplace(policy_);
    return *decision_;
  }

  RestartPolicy policy_{.backoff = Millis{100}, .backoffMax = Millis{450}};
  Instant now_{std::chrono::hours(1)};
  std::optional<RestartDecision> decision_;
};

TEST_F(RestartDecisionTest, DoublesUpToTheCeiling) {
  for (const int expected : {100, 200, 400, 450, 450}) EXPECT_EQ(crash().delay, Millis{expected});
}

TEST_F(RestartDecisionTest, TakesUpToAQuarterOffByChance) {
  EXPECT_EQ(crash(Millis{-1}, 0.0).delay, Millis{75});
  EXPECT_EQ(crash(Millis{-1}, 0.5).delay, Millis{175});
  EXPECT_LE(crash(Millis{-1}, kMost).delay, Millis{400});
}

TEST_F(RestartDecisionTest, RestartsAtOnceWhatHadBeenHealthyButNotTwiceInARow) {
  EXPECT_EQ(crash(Millis{500}).delay, Millis{0});
  EXPECT_EQ(crash(Millis{500}).delay, Millis{100});
  EXPECT_EQ(crash(Millis{500}).delay, Millis{200});
}

TEST_F(RestartDecisionTest, BeginsAnewAfterAHealthySpell) {
  for (int i = 0; i < 5; ++i) (void)crash();
  EXPECT_EQ(crash(RestartDecision::kHealthySpell).delay, Millis{0});
  EXPECT_EQ(crash().delay, Millis{100});
}

TEST_F(RestartDecisionTest, GivesUpWhenTheWindowIsFullAndNotBefore) {
  policy_.maxRestarts = 2;
  policy_.window = Millis{60000};
  EXPECT_EQ(crash().verdict, Verdict::Restart);
  EXPECT_EQ(crash().verdict, Verdict::Restart);
  const auto third = crash();
  EXPECT_EQ(third.verdict, Verdict::GiveUp);
  EXPECT_EQ(third.why, "restarted 2 times in 60.0 s");
  now_ += Millis{60000};
  EXPECT_EQ(crash().verdict, Verdict::Restart);
}

TEST_F(RestartDecisionTest, StartsAnewWhenAnOperatorDoes) {
  policy_.maxRestarts = 1;
  (void)crash();
  EXPECT_EQ(crash().verdict, Verdict::GiveUp);
  decision().forget();
  const auto again = crash();
  EXPECT_EQ(again.verdict, Verdict::Restart);
  EXPECT_EQ(again.delay, Millis{100});
}

TEST_F(RestartDecisionTest, AlwaysRestartsEvenWhatCompleted) { EXPECT_EQ(completion().verdict, Verdict::Restart); }

TEST_F(RestartDecisionTest, OnFailureLeavesWhatCompleted) {
  policy_.when = When::OnFailure;
  EXPECT_EQ(completion().verdict, Verdict::Completed);
  EXPECT_EQ(crash().verdict, Verdict::Restart);
}

TEST_F(RestartDecisionTest, NeverRestartsNothing) {
  policy_.when = When::Never;
  EXPECT_EQ(completion().verdict, Verdict::Completed);
  EXPECT_EQ(crash().verdict, Verdict::GiveUp);
}

TEST(Why, DescribesEveryKindOfEnd) {
  const std::map<int, std::string> meanings{{127, "runtime/python/bin/python3 missing"}};
  const EndContext plain{.meanings = meanings, .memoryMb = std::nullopt, .life = std::nullopt};
  const EndContext full{.meanings = meanings, .memoryMb = 512, .life = Millis{300}};
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Exited, 127, false}, plain), "exit 127: runtime/python/bin/python3 missing");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Exited, 1, false}, plain), "exit 1");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Exited, 1, false}, full), "exit 1 after 0.3 s");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Signalled, 9, false}, plain), "killed by signal 9");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Signalled, 9, true}, plain), "out of memory");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Signalled, 9, true}, full), "out of memory after 0.3 s: limit 512 MB");
  EXPECT_EQ(describeEnd({1, ProcessEnd::How::Unknown, 0, false}, plain), "ended, exit status unknown");
}

TEST(Why, DescribesHealth) {
  EXPECT_EQ(describeHealth("503 warming up", 4, Millis{20000}), "health 503 \u00d74 in 20.0 s: warming up");
  EXPECT_EQ(describeHealth("503", 4, Millis{20000}), "health 503 \u00d74 in 20.0 s");
  EXPECT_EQ(describeHealth("connection refused", 1, Millis{50}), "health \u00d71: connection refused");
  EXPECT_EQ(describeHealth("5030 things", 2, Millis{50}), "health \u00d72 in 0.1 s: 5030 things");
}

TEST(Why, KnowsAnEndThatWasAskedFor) {
  EXPECT_TRUE(endedAsAsked({1, ProcessEnd::How::Exited, 0, false}, "TERM"));
  EXPECT_TRUE(endedAsAsked({1, ProcessEnd::How::Exited, 143, false}, "TERM"));
  EXPECT_TRUE(endedAsAsked({1, ProcessEnd::How::Exited, 130, false}, "INT"));
  EXPECT_TRUE(endedAsAsked({1, ProcessEnd::How::Signalled, 2, false}, "INT"));
  EXPECT_FALSE(endedAsAsked({1, ProcessEnd::How::Signalled, 15, false}, "INT"));
  EXPECT_FALSE(endedAsAsked({1, ProcessEnd::How::Exited, 1, false}, "TERM"));
  EXPECT_FALSE(endedAsAsked({1, ProcessEnd::How::Signalled, 9, false}, "TERM"));
  EXPECT_FALSE(endedAsAsked({1, ProcessEnd::How::Unknown, 0, false}, "TERM"));
}

}  // namespace
}  // namespace tenon::host
