// An agent as a whole, on a machine that the test makes up: what its start refuses, and what it leaves of itself.
#include "host/app/Agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "host/base/Json.h"
#include "host/http/HttpClient.h"
#include "host/trust/Ed25519.h"
#include "host/trust/KeyFile.h"
#include "tests/host/trust/Roots.h"
#include "tests/support/FakeClock.h"
#include "tests/support/FakePlatformAdapter.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

using testing::Contains;
using testing::HasSubstr;

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class NotedFolders final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Result<void> makeFolder(Handle in, std::string_view path, FolderOptions how) override {
    made.emplace_back(path, how);
    return ForwardingFiles::makeFolder(in, path, how);
  }
  std::vector<std::pair<std::string, FolderOptions>> made;
};

class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    adapter_.changeFacts().executable = folder_ / "bin/tenon";
    EXPECT_TRUE(files_->makeFolders(folder_ / "lib/tenon/plugins"));
    options_.root = folder_ / "root";
    options_.listen = "127.0.0.1:0";
  }
  Result<void> start() {
    agent_ = std::make_unique<Agent>(adapter_, clock_, log_, options_, Agent::Renewal{});
    return agent_->start();
  }
  void starts() {
    const auto started = start();
    ASSERT_TRUE(started) << started.error().message();
  }
  HttpResponse ask(const std::string& method, const std::string& path, const std::string& authorization) {
    const bool isUrl = agent_->address().starts_with("http://");
    HttpRequestOptions request{.method = method, .url = (isUrl ? "" : "http://") + agent_->address() + path};
    if (!authorization.empty()) request.headers = {{"Authorization", authorization}};
    const auto answer = PocoHttpClient().fetch(request, limits::kHttpJsonBodyBytes);
    EXPECT_TRUE(answer) << answer.error().message();
    return answer.value_or(HttpResponse{});
  }
  void refuses(ErrorCode code, const std::string& what) {
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_EQ(name(started.error().code()), name(code)) << started.error().message();
    EXPECT_THAT(started.error().message(), HasSubstr(what));
    agent_.reset();
    EXPECT_FALSE(folder_.exists("root/run/agent.json"));
  }

  TempFolder folder_;
  MachineFiles files_;
  FakePlatformAdapter adapter_{*files_};
  FakeClock clock_;
  KeptLog log_;
  AgentOptions options_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(AgentTest, SaysWhereItIsToBeFoundWhileItServes) {
  starts();
  const auto file = Json::parse(folder_.read("root/run/agent.json")).value();
  EXPECT_EQ(file.stringOr("address", "").value(), agent_->address());
  EXPECT_THAT(agent_->address(), HasSubstr("127.0.0.1:"));
  const Path token(file.stringOr("token_file", "").value());
  EXPECT_EQ(files_->readAll(token, limits::KiB).value().size(), 65U);  // 64 digits and the end of the line
  agent_.reset();
  EXPECT_FALSE(folder_.exists("root/run/agent.json"));
}

TEST_F(AgentTest, AnswersOnTcpWhoHasItsTokenAndNobodyElse) {
  starts();
  std::string token = folder_.read("root/run/token");
  token.pop_back();  // the end of the line
  std::string almost = token;
  almost.back() = almost.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {std::string(), std::string("Bearer "), "Bearer " + almost, "Bearer " + token + "0",
                                   "Bearer " + token.substr(1), "bearer " + token, "Basic " + token, token}) {
    for (const auto& [method, path] : {std::pair{"GET", "/v1/node"}, {"GET", "/v1/services"}, {"POST", "/v1/node/renew"}}) {
      const auto refused = ask(method, path, wrong);
      EXPECT_EQ(refused.status, 401) << method << ' ' << path << " with \"" << wrong << '"';
      EXPECT_THAT(refused.body, HasSubstr(R"("code":"unauthenticated")"));
    }
  }
  EXPECT_EQ(ask("GET", "/v1/node", "Bearer " + token).status, 200);
}

TEST_F(AgentTest, ServesMetricsAloneWithoutATokenWhereItIsTold) {
  options_.metricsListen = "127.0.0.1:0";
  starts();
  const std::string alone = agent_->metricsAddress();
  ASSERT_NE(alone, agent_->address());
  EXPECT_EQ(Json::parse(folder_.read("root/run/agent.json")).value().stringOr("metrics_address", "").value(), alone);
  const auto get = [&](const std::string& path, const std::string& method = "GET") {
    const auto answer = PocoHttpClient().fetch({.method = method, .url = "http://" + alone + path}, limits::MiB);
    EXPECT_TRUE(answer) << answer.error().message();
    return answer.value_or(HttpResponse{});
  };
  const auto metrics = get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, HasSubstr("\ntenon_build_info{"));
  EXPECT_EQ(get("/metrics", "POST").status, 405);
  for (const char* path : {"/", "/v1/services", "/v1/node/renew", "/sd/prometheus", "/health/live", "/metrics/x"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(ask("GET", "/metrics", "").status, 401) << "the API asks for its token as before";
}

TEST_F(AgentTest, ServesMetricsNowhereElseWhereItIsNotTold) {
  starts();
  EXPECT_EQ(agent_->metricsAddress(), "");
  EXPECT_EQ(folder_.read("root/run/agent.json").find("metrics_address"), std::string::npos);
}

TEST_F(AgentTest, CountsTheRequestsThatItAnswers) {
  starts();
  std::string token = "Bearer " + folder_.read("root/run/token");
  token.pop_back();  // the end of the line
  EXPECT_EQ(ask("GET", "/v1/services/none", token).status, 404);
  EXPECT_EQ(ask("GET", "/sd/prometheus", token).body, "[]");
  const auto metrics = ask("GET", "/metrics", token);
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("tenon_http_request_seconds_count{route=\"/v1/services/{id}\",code=\"404\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("tenon_http_request_seconds_count{route=\"/sd/prometheus\",code=\"200\"} 1\n"));
}

TEST_F(AgentTest, RefusesAnAddressForMetricsThatIsTaken) {
  starts();
  FakePlatformAdapter other(*files_);  // processes are waited for by one agent only
  other.changeFacts().executable = adapter_.facts().executable;
  options_.metricsListen = agent_->address();
  if (options_.metricsListen.starts_with("http://")) options_.metricsListen.erase(0, 7);
  options_.root = folder_ / "other";
  const auto second = Agent(other, clock_, log_, options_, {}).start();
  ASSERT_FALSE(second);
  EXPECT_EQ(name(second.error().code()), name(ErrorCode::PortTaken)) << second.error().message();
  EXPECT_THAT(second.error().message(), HasSubstr("--metrics-listen"));
}

TEST_F(AgentTest, BeatsOnSupervisionsThreadAfterEachInterval) {
  starts();
  std::atomic<int> beats{0};
  const auto turn = [&] {  // the loop has turned since
    auto done = std::make_shared<std::promise<void>>();
    agent_->beat(std::chrono::hours(24), [done] { done->set_value(); });
    done->get_future().wait();
  };
  agent_->beat(Millis(100), [&] { ++beats; });
  turn();
  EXPECT_EQ(beats, 1);
  clock_.advance(Millis(99));
  turn();
  turn();
  EXPECT_EQ(beats, 1);
  clock_.advance(Millis(1));
  turn();
  turn();
  EXPECT_EQ(beats, 2);
  agent_.reset();
}

// Services that never have users of their own need no way through it, and what stands above it may let others make files.
TEST_F(AgentTest, ShutsItsRootBeforeAnythingIsMadeBelowWhereServicesNeverHaveUsersOfTheirOwn) {
  for (const bool userEver : {true, false}) {
    NotedFolders noted(*files_);
    FakePlatformAdapter adapter(noted);
    adapter.changeFacts().executable = adapter_.facts().executable;
    adapter.changeFacts().isolation.userEver = userEver;
    Agent agent(adapter, clock_, log_, options_, Agent::Renewal{});
    const auto started = agent.start();
    ASSERT_TRUE(started) << started.error().message();
    ASSERT_FALSE(noted.made.empty());
    const auto& [path, options] = noted.made.front();
    EXPECT_EQ(path, options_.root.text());
    EXPECT_EQ(options.ownerOnly, !userEver);
    EXPECT_EQ(options.shut, !userEver);
  }
}

TEST_F(AgentTest, IsTheOnlyOneOfItsRoot) {
  starts();
  const auto first = std::move(agent_);
  const auto second = start();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Busy);
  EXPECT_THAT(second.error().hint(), HasSubstr("status"));
  agent_.reset();
  EXPECT_TRUE(folder_.exists("root/run/agent.json"));  // the first one's
}

TEST_F(AgentTest, SweepsWhatAnAgentThatDiedWasWriting) {
  const std::string temporary = "/.x.0123456789abcdef.tmp";
  const std::vector<std::string> folders = {"cache/tick", "trust", "trust/keys", "trust/root", "run", "run/instances"};
  for (const auto& folder : folders) folder_.write("root/" + folder + temporary, "half");
  folder_.write("root/cache/tick/package.zip.part", "to be resumed");
  folder_.write("root/cache/package.zip.part", "from when downloads had no folder of their service");
  starts();
  for (const auto& folder : folders) EXPECT_FALSE(folder_.exists("root/" + folder + temporary)) << folder;
  EXPECT_TRUE(folder_.exists("root/cache/tick/package.zip.part"));
  EXPECT_FALSE(folder_.exists("root/cache/package.zip.part"));
}

TEST_F(AgentTest, FreesItsRootWhenItEnds) {
  starts();
  agent_.reset();
  starts();
}

TEST_F(AgentTest, RefusesAHubThatIsNoUrl) {
  options_.hub = "hub:8640/x y";
  refuses(ErrorCode::Usage, "hub");
}

TEST_F(AgentTest, RefusesAKeyFileThatIsMissingOrNone) {
  options_.trust = {(folder_ / "missing.pub").text()};
  refuses(ErrorCode::NotFound, "missing.pub");
  options_.trust = {folder_.write("none.pub", "no key\n").text()};
  refuses(ErrorCode::FormatInvalid, "none.pub");
}

TEST_F(AgentTest, RefusesAnAddressThatIsTaken) {
  starts();
  FakePlatformAdapter other(*files_);  // processes are waited for by one agent only
  other.changeFacts().executable = adapter_.facts().executable;
  options_.listen = agent_->address();
  if (options_.listen.starts_with("http://")) options_.listen.erase(0, 7);
  options_.root = folder_ / "other";
  const auto second = Agent(other, clock_, log_, options_, {}).start();
  ASSERT_FALSE(second);
  EXPECT_EQ(name(second.error().code()), name(ErrorCode::PortTaken)) << second.error().message();
}

TEST_F(AgentTest, WarnsWhereNobodyIsTrusted) {
  starts();
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("no release key is trusted")));
}

TEST_F(AgentTest, KeepsTheKeysThatItWasTold) {
  options_.trust = {folder_.write("author.pub", toPem(publicKeyOf(generateSecretKey()))).text()};
  starts();
  agent_.reset();
  options_.trust.clear();
  starts();
  EXPECT_THAT(log_.lines(), testing::Not(Contains(HasSubstr("no release key is trusted"))));
}

class RootedAgentTest : public AgentTest {
 protected:
  // A root with its signatures, as an operator has it on a stick.
  std::string rootFile(const std::string& name, const RootDocument& root) {
    const SignedText document = signedBy(root, {1, 2});
    folder_.write(name, document.text);
    folder_.write(name + ".sig", document.signatures);
    return (folder_ / name).text();
  }
};

TEST_F(RootedAgentTest, PinsTheRootThatItIsGivenAndKeepsIt) {
  options_.trust = {rootFile("1.json", sampleRoot())};
  starts();
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("root 1 from now on")));
  EXPECT_EQ(folder_.read("root/trust/root/1.json"), sampleRoot().text());
  options_.trust = {rootFile("1.json", sampleRoot()), rootFile("2.json", after(sampleRoot()))};
  starts();
  EXPECT_TRUE(folder_.exists("root/trust/root/2.json"));
}

TEST_F(RootedAgentTest, RefusesToStartWithoutTheTrustThatItWasGiven) {
  const std::string file = rootFile("1.json", sampleRoot());
  folder_.write("1.json.sig", "");
  options_.trust = {file};
  refuses(ErrorCode::SignatureInvalid, "root 1 is not signed");
}

TEST_F(RootedAgentTest, KeepsItsServicesWhereAnotherRootDoesNotFitOrTrustCannotBeRead) {
  options_.trust = {rootFile("1.json", sampleRoot())};
  starts();
  RootDocument other = sampleRoot();
  giveRole(other, TrustRole::Release, 9);
  options_.trust = {rootFile("other.json", other), rootFile("5.json", after(after(after(after(sampleRoot())))))};
  starts();
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("other.json is not used")));
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("5.json is not used")));
  folder_.write("root/trust/root/1.json", "{}");
  starts();
  EXPECT_THAT(log_.lines(), Contains(HasSubstr("nothing is installed before it is mended")));
}

}  // namespace
}  // namespace tenon::host
