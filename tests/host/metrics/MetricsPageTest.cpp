// What Prometheus is told of a node, and that the dashboard and the documentation name what is there.
#include "host/metrics/MetricsPage.h"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/host/lifecycle/LifeTest.h"
#include "tests/host/trust/Roots.h"
#include "tests/support/Shell.h"

namespace tenon::host {
namespace {

using testing::HasSubstr;
using testing::Not;

// The whole list of the design.
const std::set<std::string> kNames{"tenon_build_info",
                                   "tenon_service_state",
                                   "tenon_service_ready",
                                   "tenon_service_restarts_total",
                                   "tenon_service_start_seconds",
                                   "tenon_health_probe_seconds",
                                   "tenon_health_probe_failures_total",
                                   "tenon_install_total",
                                   "tenon_install_step_seconds",
                                   "tenon_download_bytes_total",
                                   "tenon_rollback_total",
                                   "tenon_signature_failures_total",
                                   "tenon_store_bytes",
                                   "tenon_disk_free_bytes",
                                   "tenon_service_cpu_seconds_total",
                                   "tenon_service_resident_bytes",
                                   "tenon_http_request_seconds",
                                   "tenon_driver_state",
                                   "tenon_index_age_seconds"};

std::string sourceFile(const std::string& path) {
  std::ifstream file(std::string(TENON_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every metric that a text names, histograms by their family.
std::set<std::string> metricsIn(const std::string& text) {
  static const std::regex kMetric("tenon_[a-z_]+"), kPart("_(bucket|sum|count)$");
  std::set<std::string> names;
  for (std::sregex_iterator each(text.begin(), text.end(), kMetric), end; each != end; ++each) {
    names.insert(std::regex_replace(each->str(), kPart, ""));
  }
  return names;
}

class MetricsPageTest : public LifeTest {
 protected:
  // The tables of the agent as it is now, and samples at once.
  MetricsPage page(Samples::Later later = [](const auto& task) { task(); }) {
    return MetricsPage({agent().with(), measured_, world_.clock, "1.2.3", std::move(later)});
  }
  std::string text() { return page().text(); }
  void observe(ObservedService observed) { agent().registry().putObserved(asr(), std::move(observed)); }
  // As much as there can be of everything.
  void everything() {
    installed("1.1.0");
    observe({.state = "ready", .port = 5101, .pid = 7, .version = "1.1.0"});
    InstanceStatus start{asr(), 1, {SemVer::parse("1.1.0").value(), PlatformId::parse("linux-x64").value(), Digest()}};
    for (const auto state : {SupervisionState::Starting, SupervisionState::Ready}) {
      start.state = state;
      measured_.instance(start);
    }
    measured_.probed(asr(), false, Millis(3));
    measured_.answered({"/v1/services/{id}", 200, Millis(3)});
    measured_.downloaded(10);
    measured_.changed({.operation = "install",
                       .state = Change::State::RolledBack,
                       .steps = {{.name = "fetch", .durationMs = 5}},
                       .error = Error(ErrorCode::SignatureInvalid, "no")});
  }

  Measurements measured_{world_.clock};
};

TEST_F(MetricsPageTest, HasEveryMetricOfTheDesignEachExplainedOnce) {
  everything();
  std::istringstream lines(text());
  std::multiset<std::string> helps, types;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, what, name;
    words >> hash >> what >> name;
    if (hash != "#") continue;
    (what == "HELP" ? helps : types).insert(name);
  }
  EXPECT_THAT(helps, testing::ElementsAreArray(std::multiset<std::string>(kNames.begin(), kNames.end())));
  EXPECT_EQ(types, helps);
}

TEST_F(MetricsPageTest, TellsTheStateOfEveryService) {
  installed("1.1.0");
  observe({.state = "unready", .pid = 7});
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tenon_service_state{service=\"asr\",state=\"unready\"} 1\n"));
  EXPECT_THAT(now, HasSubstr("tenon_service_state{service=\"asr\",state=\"ready\"} 0\n"));
  EXPECT_THAT(now, HasSubstr("tenon_service_ready{service=\"asr\"} 0\n"));
  observe({.state = "ready", .pid = 7});
  EXPECT_THAT(text(), HasSubstr("tenon_service_ready{service=\"asr\"} 1\n"));
  agent().registry().erase(asr());
  EXPECT_THAT(text(), Not(HasSubstr("service=\"asr\"")));
}

TEST_F(MetricsPageTest, HasEachSeriesOfAThousandServicesOnce) {
  constexpr int kServices = 1000;
  for (int i = 0; i < kServices; ++i) {
    RegisteredService row{.service = ServiceId::parse("svc-" + std::to_string(i)).value()};
    agent().registry().putObserved(row.service, {.state = i % 2 ? "ready" : "failed"});
    agent().registry().putInstalled(std::move(row));
  }
  std::istringstream lines(text());
  std::set<std::string> series;
  int ready = 0, seen = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    ++seen;
    series.insert(line.substr(0, line.rfind(' ')));
    ready += line.starts_with("tenon_service_ready{") && line.ends_with(" 1");
  }
  EXPECT_EQ(series.size(), static_cast<std::size_t>(seen));
  EXPECT_GT(seen, 14 * kServices);  // seven states, five reasons, ready, failed checks
  EXPECT_EQ(ready, kServices / 2);
}

TEST_F(MetricsPageTest, TellsWhatAServiceUsesWhileItRuns) {
  installed("1.1.0");
  observe({.state = "ready", .pid = 7});
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tenon_service_cpu_seconds_total{service=\"asr\"} 1.5\n"));
  EXPECT_THAT(now, HasSubstr("tenon_service_resident_bytes{service=\"asr\"} 4096\n"));
  observe({.state = "failed"});
  EXPECT_THAT(text(), Not(HasSubstr("tenon_service_resident_bytes{")));
}

TEST_F(MetricsPageTest, TellsOfTheNode) {
  installed("1.1.0");
  std::uint64_t stored = 0;
  for (const auto& [path, content] : filesUnder(files_, folder_ / "store")) stored += content.size();
  const std::string now = text();
  EXPECT_GT(stored, 0u);
  EXPECT_THAT(now, HasSubstr("tenon_build_info{version=\"1.2.3\",adapter=\"test 1.0.0\"} 1\n"));
  EXPECT_THAT(now, HasSubstr("\ntenon_store_bytes " + std::to_string(stored) + "\n"));
  EXPECT_THAT(now, HasSubstr("\ntenon_disk_free_bytes "));
  EXPECT_THAT(now, HasSubstr("tenon_driver_state{driver=\"argv\",version=\"1.0.0\",state=\"ready\"} 1\n"));
  EXPECT_THAT(now, Not(HasSubstr("tenon_index_age_seconds{")));  // mode keys has no index
}

TEST_F(MetricsPageTest, TellsHowOldTheIndexIsThatCounts) {
  auto roots = FollowedRoots::open(files_, PackageLayout(folder_.path()));
  ASSERT_TRUE(roots && roots->take(signedBy(sampleRoot(), {1, 2})));
  restartAgent();
  IndexFloor floor{
      .platform = PlatformId::parse("linux-x64").value(), .sequence = 1, .sha256 = {}, .issued = {}, .signedBy = {}};
  floor.issued = world_.clock.wall();
  ASSERT_TRUE(agent().with().trust.remember(std::nullopt, floor));
  world_.clock.setWall(floor.issued + std::chrono::minutes(2));
  EXPECT_THAT(text(), HasSubstr("tenon_index_age_seconds{platform=\"linux-x64\"} 120\n"));
}

TEST_F(MetricsPageTest, CountsTheStoreAgainOnlyAfterAChange) {
  installed("1.1.0");
  auto page = this->page();
  const std::string before = page.text();
  const auto line = [](const std::string& text) {
    const auto at = text.find("\ntenon_store_bytes ");
    return text.substr(at, text.find('\n', at + 1) - at);
  };
  installed("1.2.0");
  world_.clock.advance(limits::kUsageAge);
  EXPECT_EQ(line(page.text()), line(before));
  measured_.changed({.operation = "install", .state = Change::State::Done});
  world_.clock.advance(limits::kUsageAge);
  EXPECT_NE(line(page.text()), line(before));
}

TEST_F(MetricsPageTest, AnswersWithoutWhatIsNotLookedAtYet) {
  installed("1.1.0");
  observe({.state = "ready", .pid = 7});
  std::vector<std::function<void()>> waiting;
  auto page = this->page([&](std::function<void()> task) { waiting.push_back(std::move(task)); });
  EXPECT_THAT(page.text(), Not(HasSubstr("tenon_service_resident_bytes{")));
  EXPECT_THAT(page.text(), HasSubstr("tenon_service_ready{service=\"asr\"} 1\n"));
  ASSERT_EQ(waiting.size(), 1u) << "one round at a time";
  waiting[0]();
  EXPECT_THAT(page.text(), HasSubstr("tenon_service_resident_bytes{service=\"asr\"} 4096\n"));
}

TEST_F(MetricsPageTest, NamesServicesThatRunAsTargetsByTheirPortForMetrics) {
  installed("1.1.0");
  observe({.state = "stopped", .port = 5101});
  EXPECT_EQ(page().targets(), "[]");
  observe({.state = "ready", .port = 5101, .pid = 7, .version = "1.1.0"});
  EXPECT_EQ(page().targets(),
            R"([{"targets":["127.0.0.1:5101"],"labels":{"service":"asr","version":"1.1.0","platform":"linux-x64"}}])");
  observe({.state = "ready", .port = 5101, .ports = {{"admin", 5202}, {"metrics", 5201}}, .pid = 7, .version = "1.1.0"});
  EXPECT_THAT(page().targets(), HasSubstr(R"("targets":["127.0.0.1:5201"])"));
}

TEST_F(MetricsPageTest, IsCleanToPromtool) {
  TENON_NEEDS_TOOL("promtool");
  everything();
  const Path file = folder_.write("metrics", text());
  const auto answer = shell("promtool check metrics < '" + file.text() + "'");
  EXPECT_EQ(answer.status, 0) << answer.output;
  EXPECT_EQ(answer.output, "");
}

TEST(MetricsDocumentation, ExplainsEveryMetricAndNoOther) { EXPECT_EQ(metricsIn(sourceFile("docs/metrics.md")), kNames); }

TEST(MetricsDashboard, NamesOnlyWhatThereIs) {
  const std::string dashboard = sourceFile("docs/grafana/tenon.json");
  EXPECT_TRUE(Json::parse(dashboard));
  const auto names = metricsIn(dashboard);
  EXPECT_FALSE(names.empty());
  for (const auto& name : names) EXPECT_TRUE(kNames.contains(name)) << name;
}

}  // namespace
}  // namespace tenon::host
