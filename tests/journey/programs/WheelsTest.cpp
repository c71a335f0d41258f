// A Python service whose packages come as wheels: installed by its prepare step, once for each content.
#include <algorithm>
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

namespace fs = std::filesystem;

class Wheels : public RealProgram {
 protected:
  void SetUp() override {
    if (shell("env -i PATH=/usr/bin:/bin python3 -m pip --version").status != 0)
      GTEST_SKIP() << "the node's Python has no pip";
  }
  std::string at(const std::string& version, const std::string& word, const std::string& wanted = "greetings==1.0") {
    const std::string folder = package("greeter", version, R"({
      "service_id": "greeter", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "python", "entry": "greet.py", "requirements": "requirements.txt" } } },
      "health_check": { "type": "http", "endpoint": "/", "interval_ms": 500 }, "env_schema": {},
      "upgrade": { "strategy": "warm", "probation_ms": 100, "drain_ms": 100 } })");
    place(source("python/greet.py"), folder + "/greet.py");
    writeText(folder + "/requirements.txt", wanted + "\n");
    const auto made = shell(source("python/make-wheel") + " " + folder + "/wheels greetings 1.0 \"WORD = '" + word + "'\"");
    EXPECT_EQ(made.status, 0) << made.err;
    return folder;
  }
  std::string word() const { return get(member("greeter", "port"), "/"); }
  // What was installed, each by its file's number on the disk: one that is written again has another.
  std::string installed() const {
    return shell("cd " + serviceFolder("greeter") + "/data/python && ls -i */greetings.py | sort").out;
  }
};

TEST_F(Wheels, AreInstalledOnceForEachContent) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0", "hello")));
  EXPECT_EQ(word(), "hello");
  const std::string first = installed();
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 1);

  ASSERT_EQ(tenon("stop greeter").status, 0);
  ASSERT_EQ(tenon("start greeter").status, 0);
  EXPECT_EQ(word(), "hello");
  ASSERT_EQ(upgradeTo(at("1.1.0", "hello"), 1).status, 0);
  EXPECT_EQ(installed(), first) << "a start and a release with the same wheels install nothing";

  ASSERT_EQ(upgradeTo(at("1.2.0", "bonjour"), 2).status, 0);
  EXPECT_EQ(word(), "bonjour") << "the same name and version, another content";
  const std::string both = installed();
  EXPECT_EQ(std::count(both.begin(), both.end(), '\n'), 2);
  ASSERT_EQ(tenon("rollback greeter").status, 0);
  EXPECT_EQ(word(), "hello");
  EXPECT_EQ(installed(), both);
}

TEST_F(Wheels, ThatCannotBeInstalledFailTheUpgradeWithPipsWords) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0", "hello")));
  const auto failed = upgradeTo(at("1.1.0", "hello", "greetings==9.9"), 1);
  EXPECT_NE(failed.status, 0);
  EXPECT_NE(failed.err.find("prepare step 1 of 1 (python3): exit 1"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("exec.requirements: pip could not install them from "), std::string::npos) << failed.err;
  EXPECT_EQ(member("greeter", "version"), "1.0.0");
  EXPECT_EQ(word(), "hello");
}

TEST_F(Wheels, OfAPythonWithoutPipAreRefusedWithWhatIsMissing) {
  const std::string python = fromDebian("portable-python");
  if (python.empty()) GTEST_SKIP() << "Python's packages cannot be had from Debian here";
  const std::string folder = at("1.0.0", "hello");
  fs::create_directories(folder + "/runtime");
  shell("cp -a " + python + " " + folder + "/runtime/python && rm -rf " + folder +
        "/runtime/python/lib/python3*/site-packages/pip");
  startHub();
  startAgent();
  publish(folder);
  const auto failed = tenon("install greeter");
  EXPECT_NE(failed.err.find("exec.requirements: this Python has no pip: "), std::string::npos) << failed.err;
}

}  // namespace tenon::host
