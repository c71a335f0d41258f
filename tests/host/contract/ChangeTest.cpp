#include "host/contract/Change.h"

#include "tests/host/contract/Samples.h"

namespace tenon::host {
namespace {

Change sampleChange() {
  Change change;
  change.number = 57;
  change.operation = "upgrade";
  change.service = "nmt-zh-en";
  change.from = "1.2.0";
  change.to = "1.3.0";
  change.state = Change::State::RolledBack;
  change.startedAt = "2026-11-24T07:45:00.123Z";
  change.endedAt = "2026-11-24T07:45:21.000Z";
  change.steps.push_back({"fetch", ChangeStep::State::Done, "212 MB", 222298112, 222298112, 2400});
  change.steps.push_back({"probation", ChangeStep::State::Failed, "/health 503 ×4 in 20.0 s", 0, 0, 20000});
  change.error =
      Error(ErrorCode::HealthTimeout, "1.3.0 never became ready").withHint("tenon logs nmt-zh-en").withField("health_check");
  change.outcome = "kept 1.2.0; callers saw no gap";
  change.evidence = "57";
  return change;
}

TEST(Change, WritesTheNamesThatTheApiPromises) {
  auto change = sampleChange();
  change.steps.resize(1);
  EXPECT_EQ(
      change.toJson().text(),
      R"({"change":57,"operation":"upgrade","service_id":"nmt-zh-en","from":"1.2.0","to":"1.3.0","state":"rolled-back",)"
      R"("started_at":"2026-11-24T07:45:00.123Z","ended_at":"2026-11-24T07:45:21.000Z",)"
      R"("steps":[{"name":"fetch","state":"done","detail":"212 MB","done_bytes":222298112,"total_bytes":222298112,"duration_ms":2400}],)"
      R"("error":{"code":"health-timeout","message":"1.3.0 never became ready","hint":"tenon logs nmt-zh-en","field":"health_check"},)"
      R"("outcome":"kept 1.2.0; callers saw no gap","evidence":"57"})");
}

TEST(Change, ReadsBackWhatItWrote) {
  const auto read = Change::parse(sampleChange().toJson().pretty());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->toJson().text(), sampleChange().toJson().text());
  EXPECT_EQ(read->error->code(), ErrorCode::HealthTimeout);
  EXPECT_TRUE(read->ended());
}

TEST(Change, HasNoErrorMemberWithoutAnError) {
  Change change;
  EXPECT_EQ(change.toJson().text().find("error"), std::string::npos);
  change.operation = "start";
  const auto read = Change::parse(change.toJson().text());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->error);
  EXPECT_FALSE(read->ended());
}

TEST(Change, TellsTheTruthInItsExitStatus) {
  Change change;
  change.state = Change::State::Done;
  EXPECT_EQ(change.exitStatus(), 0);
  change.error = Error(ErrorCode::SignatureInvalid, "x");
  change.state = Change::State::Failed;
  EXPECT_EQ(change.exitStatus(), 5);
  change.state = Change::State::RolledBack;
  EXPECT_EQ(change.exitStatus(), 3);
  change.state = Change::State::Failed;
  change.error.reset();
  EXPECT_EQ(change.exitStatus(), 1);
}

TEST(Change, RefusesWhatIsNone) {
  for (const char* bad : {"", "[]", "{}", R"({"change":1,"operation":"x","service_id":"a","state":"sleeping"})",
                          R"({"change":-1,"operation":"x","service_id":"a","state":"done"})",
                          R"({"change":1,"operation":"x","service_id":"a","state":"done","steps":[{}]})"}) {
    const auto read = Change::parse(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code(), ErrorCode::FormatInvalid);
  }
}

TEST(ErrorJson, KeepsTheNameOfACodeThatANewerAgentKnows) {
  const auto error = errorFromJson(Json::parse(R"({"code":"moon-missing","message":"no moon"})").value());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ErrorCode::Internal);
  EXPECT_EQ(error->message(), "moon-missing: no moon");
  EXPECT_FALSE(errorFromJson(Json::parse("{}").value()).has_value());
}

}  // namespace
}  // namespace tenon::host
