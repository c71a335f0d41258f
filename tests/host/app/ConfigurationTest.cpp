#include "host/app/Configuration.h"

#include <Poco/Environment.h>
#include <Poco/Process.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/Limits.h"
#include "tests/support/MemoryFiles.h"

namespace tenon::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A variable of the environment, for as long as this lives.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) { Poco::Environment::set(name_, value); }
  ~Variable() { Poco::Environment::set(name_, ""); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const std::string name_;
};

class Configuration : public testing::Test {
 protected:
  void write(const std::string& text) {
    ASSERT_TRUE(files_.makeFolders(Path("/node")));
    auto file = WriteFile::create(files_, 0, "/node/agent.properties", {.append = true});
    ASSERT_TRUE(file && file->append(text));
  }
  Result<AgentOptions> complete(AgentOptions flags = {}) {
    flags.root = Path("/node");
    return completeOptions(files_, std::move(flags));
  }
  void refuses(const std::string& text, ErrorCode code, const std::string& what) {
    write(text);
    const auto options = complete();
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(name(options.error().code()), name(code));
    EXPECT_THAT(options.error().message(), HasSubstr(what));
  }

  MemoryFiles files_;
};

TEST_F(Configuration, OfNothingIsTheDefaults) {
  const auto options = complete();
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->root.text(), "/node");
  EXPECT_EQ(options->hub, "");
  EXPECT_EQ(options->listen, "");
  EXPECT_THAT(options->trust, IsEmpty());
  EXPECT_THAT(options->plugins, IsEmpty());
  EXPECT_FALSE(options->developerPlugins);
  EXPECT_FALSE(options->verbose);
}

TEST_F(Configuration, ComesFromTheFile) {
  write(
      "# of this node\nhub = http://hub:8640\nlisten: 127.0.0.1:9000\ntrust = /keys/a.pub, /keys/b.pub,\n"
      "plugins=/opt/plugins\ndev_plugins=true\nverbose = yes\n");
  const auto options = complete();
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->hub, "http://hub:8640");
  EXPECT_EQ(options->listen, "127.0.0.1:9000");
  EXPECT_THAT(options->trust, ElementsAre("/keys/a.pub", "/keys/b.pub"));
  EXPECT_THAT(options->plugins, ElementsAre("/opt/plugins"));
  EXPECT_TRUE(options->developerPlugins);
  EXPECT_TRUE(options->verbose);
}

TEST_F(Configuration, TakesTheEnvironmentBeforeTheFile) {
  write("hub=http://of-the-file\nlisten=127.0.0.1:9000\nverbose=false\n");
  const Variable hub("TENON_HUB", "http://of-the-environment"), plugins("TENON_PLUGINS", "/a,/b"),
      verbose("TENON_VERBOSE", "true");
  const auto options = complete();
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->hub, "http://of-the-environment");
  EXPECT_EQ(options->listen, "127.0.0.1:9000");
  EXPECT_THAT(options->plugins, ElementsAre("/a", "/b"));
  EXPECT_TRUE(options->verbose);
}

TEST_F(Configuration, TakesFlagsBeforeEverything) {
  write("hub=http://of-the-file\ntrust=/file.pub\nplugins=/file\n");
  const Variable hub("TENON_HUB", "http://of-the-environment"), trust("TENON_TRUST", "/environment.pub");
  AgentOptions flags;
  flags.hub = "http://of-the-flag";
  flags.trust = {"/flag.pub"};
  flags.listen = "127.0.0.1:0";
  flags.developerPlugins = true;
  const auto options = complete(flags);
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->hub, "http://of-the-flag");
  EXPECT_THAT(options->trust, ElementsAre("/flag.pub"));
  EXPECT_THAT(options->plugins, ElementsAre("/file"));
  EXPECT_EQ(options->listen, "127.0.0.1:0");
  EXPECT_TRUE(options->developerPlugins);
}

TEST_F(Configuration, NotesWhoDecidedEachSetting) {
  write("hub=http://of-the-file\nverbose=true\nlisten=127.0.0.1:9000\n");
  const Variable hub("TENON_HUB", "http://of-the-environment"), file("TENON_LOG_FILE", "/log");
  AgentOptions flags;
  flags.hub = "http://of-the-environment";  // as the command line gives it
  flags.trust = {"/a.pub", "/b.pub"};
  const auto options = complete(flags);
  ASSERT_TRUE(options) << options.error().message();
  std::vector<std::string> said;
  for (const auto& each : options->settings) said.push_back(each.key + "=" + each.value + " " + each.origin);
  EXPECT_THAT(said,
              ElementsAre("hub=http://of-the-environment TENON_HUB", "ca_file= default", "trust=/a.pub, /b.pub flag",
                          "plugins= default", "dev_plugins=false default", "listen=127.0.0.1:9000 /node/agent.properties",
                          "metrics_listen= default", "log_file=/log TENON_LOG_FILE", "verbose=true /node/agent.properties",
                          "isolation_least=none default", "service_users=70000-79999 default", "service_limits= default"));
}

TEST_F(Configuration, RefusesAKeyThatItDoesNotKnow) { refuses("hubb=http://hub\n", ErrorCode::Usage, "unknown key hubb"); }

TEST_F(Configuration, RefusesAValueThatIsNoBoolean) { refuses("verbose=perhaps\n", ErrorCode::Usage, "perhaps"); }

TEST_F(Configuration, ReadsHowFarServicesAreKeptToThemselves) {
  EXPECT_EQ(complete()->leastIsolation, Isolation::None);
  EXPECT_EQ(complete()->serviceUsers.first, 70000U);
  write("isolation_least=standard\nservice_users=61184-65519\n");
  const auto options = complete();
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->leastIsolation, Isolation::Standard);
  EXPECT_EQ(options->serviceUsers.first, 61184U);
  EXPECT_EQ(options->serviceUsers.last, 65519U);
}

TEST_F(Configuration, RefusesALevelThatItDoesNotKnow) { refuses("isolation_least=most\n", ErrorCode::Usage, "most"); }

TEST_F(Configuration, RefusesARangeThatIsNone) { refuses("service_users=0-10\n", ErrorCode::Usage, "service_users"); }

TEST_F(Configuration, ReadsWhatAServiceMayHaveAtMost) {
  write("service_limits=memory_mb=2048, cpus=1.5\n");
  const auto options = complete();
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->serviceLimits.text(), "memory_mb=2048, cpus=1.5");
}

TEST_F(Configuration, RefusesALimitThatIsNone) { refuses("service_limits=memory=2048\n", ErrorCode::Usage, "memory=2048"); }

TEST_F(Configuration, RefusesAFileOfAnySize) {
  refuses(std::string(static_cast<std::size_t>(limits::kServiceJsonBytes) + 1, '#'), ErrorCode::LimitExceeded,
          "agent.properties");
}

TEST_F(Configuration, SaysWhereMetricsAreServed) {
  write("metrics_listen = 127.0.0.1:9640\n");
  EXPECT_EQ(complete()->metricsListen, "127.0.0.1:9640");
  const Variable variable("TENON_METRICS_LISTEN", "127.0.0.1:9641");
  EXPECT_EQ(complete()->metricsListen, "127.0.0.1:9641");
  EXPECT_EQ(complete({.metricsListen = "[::1]:9642"})->metricsListen, "[::1]:9642");
}

TEST_F(Configuration, KnowsWhatTheSystemsManagerAsksOfThisProcessAndOfNoOther) {
  EXPECT_EQ(complete()->noticeSocket, "");
  const Variable socket("NOTIFY_SOCKET", "/run/manager/notify"), micros("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(complete()->noticeSocket, "/run/manager/notify");
  EXPECT_EQ(complete()->watchdog, std::chrono::seconds(30));
  {
    const Variable own("WATCHDOG_PID", std::to_string(Poco::Process::id()));
    EXPECT_EQ(complete()->watchdog, std::chrono::seconds(30));
  }
  {
    const Variable other("WATCHDOG_PID", "1");
    EXPECT_EQ(complete()->watchdog, Millis(0));
  }
  const Variable none("WATCHDOG_USEC", "soon");
  EXPECT_EQ(complete()->watchdog, Millis(0));
}

}  // namespace
}  // namespace tenon::host
