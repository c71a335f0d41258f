// What is counted, told by a real runtime over scripted processes, and by changes as they end.
#include "host/metrics/Measurements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/metrics/MeasuredHttpClient.h"
#include "tests/host/runtime/RuntimeWorld.h"
#include "tests/support/ScriptedHttp.h"

namespace tenon::host {
namespace {

using State = SupervisionState;
using testing::HasSubstr;
using testing::Not;

std::string restarts(const std::string& reason, int times) {
  return "tenon_service_restarts_total{service=\"lexicon\",reason=\"" + reason + "\"} " + std::to_string(times) + "\n";
}

class MeasuredRuntime : public testing::Test {
 protected:
  MeasuredRuntime() { begin(); }
  // As after a start of the agent: counted from nothing.
  void begin() {
    measured_ = std::make_unique<Measurements>(world_.clock);
    world_.told = [this](const InstanceStatus& status) { measured_->instance(status); };
    world_.probed = [this](const ServiceId& service, bool healthy, Micros took) {
      measured_->probed(service, healthy, took);
    };
    world_.restartAgent();
  }
  std::string text(const std::vector<ServiceId>& services = {RuntimeWorld::id()}) {
    MetricText text;
    measured_->write(text, services);
    return text.take();
  }
  void crash() {
    world_.processes.exit(world_.processes.all.size() - 1, 1);
    world_.pump();
  }
  void change(const Change& change) { measured_->changed(change); }

  RuntimeWorld world_;
  std::unique_ptr<Measurements> measured_;
};

TEST_F(MeasuredRuntime, TimesAStartUpToItsFirstHealthyAnswer) {
  world_.prober.unhealthy("503");
  const auto number = world_.launch(world_.spec());
  world_.advance(4000_ms);
  EXPECT_THAT(text(), Not(HasSubstr("tenon_service_start_seconds_count")));
  world_.prober.healthy();
  const auto more = world_.advanceUntil(number, State::Ready, 1000_ms);
  const auto seconds = std::chrono::duration<double>(4000_ms + more).count();
  MetricText sum;
  sum.family({"tenon_service_start_seconds_sum", MetricType::Gauge, ""});
  sum.sample("", seconds);
  const std::string line = sum.take();
  EXPECT_THAT(text(), HasSubstr("tenon_service_start_seconds_bucket{le=\"1\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_service_start_seconds_bucket{le=\"5\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr(line.substr(line.rfind("\nten") + 1)));
}

TEST_F(MeasuredRuntime, TellsWhatEachRestartAnswered) {
  const auto number = world_.launchReady(world_.spec());
  EXPECT_THAT(text(), HasSubstr(restarts("exited", 0)));  // there before the first, so that it is seen as an increase
  crash();
  world_.prober.unhealthy("503");
  world_.advance(60000_ms);  // its grace ends, and it is started again, and again
  const auto failed = world_.status(number)->restarts - 1;
  EXPECT_GE(failed, 1u);
  EXPECT_THAT(text(), HasSubstr(restarts("exited", 1)));
  EXPECT_THAT(text(), HasSubstr(restarts("start-failed", static_cast<int>(failed))));
  EXPECT_THAT(text(), HasSubstr(restarts("unhealthy", 0)));
}

TEST_F(MeasuredRuntime, TellsARestartOfWhatHadBecomeUnhealthy) {
  const auto number = world_.launchReady(world_.spec());
  world_.prober.unhealthy("503");
  world_.advanceUntil(number, State::Unready, 60000_ms);
  ASSERT_EQ(world_.state(number), State::Unready);
  EXPECT_THAT(text(), HasSubstr("tenon_health_probe_failures_total{service=\"lexicon\"} 3\n"));
  crash();
  EXPECT_THAT(text(), HasSubstr(restarts("unhealthy", 1)));
}

TEST_F(MeasuredRuntime, TimesEveryHealthCheckByItsAnswer) {
  world_.prober.hangs = true;
  world_.launch(world_.spec());
  world_.advance(50_ms);
  ASSERT_EQ(world_.prober.held.size(), 1u);
  world_.clock.advance(250_ms);
  world_.prober.held[0]({true, "200"});
  world_.pump();
  EXPECT_THAT(text(), HasSubstr("tenon_health_probe_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_health_probe_seconds_sum 0.25\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_health_probe_seconds_count 1\n"));
}

TEST_F(MeasuredRuntime, AskingNothingIsNoHealthCheck) {
  auto spec = world_.spec();
  spec.manifest.health.type = HealthCheck::Type::None;
  const auto number = world_.launch(std::move(spec));
  world_.advance(60000_ms);
  ASSERT_EQ(world_.state(number), State::Ready);
  EXPECT_THAT(text(), Not(HasSubstr("tenon_health_probe_seconds_count")));
}

TEST_F(MeasuredRuntime, WhatIsTakenUpIsNeitherStartedNorRestarted) {
  const auto number = world_.launchReady(world_.spec());
  crash();
  world_.advance(1000_ms);
  ASSERT_EQ(world_.status(number)->restarts, 1u);
  begin();
  world_.manager->adoptRecorded([&](const InstanceRecord&) { return std::optional(world_.spec()); }, world_.helpers);
  world_.advance(1000_ms);
  ASSERT_EQ(world_.state(number), State::Ready);
  EXPECT_THAT(text(), HasSubstr(restarts("exited", 0)));
  EXPECT_THAT(text(), Not(HasSubstr("tenon_service_start_seconds_count")));
}

TEST_F(MeasuredRuntime, AServiceThatIsGoneLosesItsSeriesAndBeginsAtNothing) {
  world_.launchReady(world_.spec());
  crash();
  ASSERT_THAT(text(), HasSubstr(restarts("exited", 1)));
  EXPECT_THAT(text({}), Not(HasSubstr("lexicon")));
  EXPECT_THAT(text(), HasSubstr(restarts("exited", 0)));
}

TEST_F(MeasuredRuntime, CountsInstallsByTheirEndAndTimesTheirSteps) {
  EXPECT_THAT(text(), HasSubstr("tenon_install_total{result=\"rolled-back\"} 0\n"));
  change({.operation = "install", .state = Change::State::Done, .steps = {{.name = "fetch", .durationMs = 2000}}});
  change({.operation = "upgrade", .state = Change::State::Done, .steps = {{.name = "fetch", .durationMs = 90'000}}});
  change(
      {.operation = "upgrade", .state = Change::State::RolledBack, .error = Error(ErrorCode::HealthTimeout, "never ready")});
  change({.operation = "start", .state = Change::State::Done, .steps = {{.name = "start", .durationMs = 1}}});
  EXPECT_THAT(text(), HasSubstr("tenon_install_total{result=\"done\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_install_total{result=\"failed\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_install_total{result=\"rolled-back\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_install_step_seconds_bucket{step=\"fetch\",le=\"5\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_install_step_seconds_sum{step=\"fetch\"} 92\n"));
  EXPECT_THAT(text(), Not(HasSubstr("step=\"start\"")));
  EXPECT_THAT(text(), HasSubstr("tenon_rollback_total{reason=\"health-timeout\"} 1\n"));
}

TEST_F(MeasuredRuntime, TellsWhyChangesWentBackOrWereRefused) {
  change({.operation = "rollback", .state = Change::State::Done});
  change({.operation = "install", .state = Change::State::Failed, .error = Error(ErrorCode::KeyUnknown, "whose?")});
  change({.operation = "install", .state = Change::State::Failed, .error = Error(ErrorCode::DiskFull, "full")});
  change({.operation = "restart", .service = "lexicon", .state = Change::State::Done});
  EXPECT_THAT(text(), HasSubstr("tenon_rollback_total{reason=\"requested\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_signature_failures_total{reason=\"key-unknown\"} 1\n"));
  EXPECT_THAT(text(), Not(HasSubstr("disk-full")));
  EXPECT_THAT(text(), HasSubstr(restarts("requested", 1)));
}

TEST_F(MeasuredRuntime, CountsRequestsByRouteAndNeverByPath) {
  measured_->answered({"/v1/services/{id}", 200, Millis(3)});
  measured_->answered({"", 404, Millis(1)});
  EXPECT_THAT(text(), HasSubstr("tenon_http_request_seconds_sum{route=\"/v1/services/{id}\",code=\"200\"} 0.003\n"));
  EXPECT_THAT(text(), HasSubstr("tenon_http_request_seconds_count{route=\"none\",code=\"404\"} 1\n"));
}

TEST_F(MeasuredRuntime, CountsTheBytesOfEveryBodyThatComes) {
  ScriptedHttp http(world_.clock);
  http.otherwise = [](const HttpRequestOptions&) { return ScriptedAnswer{.body = "0123456789"}; };
  MeasuredHttpClient client(http, *measured_);
  ASSERT_TRUE(client.fetch({.url = "http://hub/list"}, 100));
  ASSERT_TRUE(client.stream(
      {.url = "http://hub/zip"}, [](const auto&) { return Result<void>(); },
      [](std::string_view) { return Result<void>(); }));
  EXPECT_THAT(text(), HasSubstr("tenon_download_bytes_total 20\n"));
}

}  // namespace
}  // namespace tenon::host
