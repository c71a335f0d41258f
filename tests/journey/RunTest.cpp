// `tenon run`: a service from its folder, with no agent anywhere.
#include <filesystem>
#include <memory>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

class Run : public Journey {
 protected:
  std::unique_ptr<Background> run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"run"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return std::make_unique<Background>(TENON_PROGRAM, all);
  }
  // The port that it is told to be ready at; "" where it never was.
  static std::string portOf(Background& run) {
    const std::string before = " is ready at http://127.0.0.1:";
    const auto told = [&] {
      return run.output().find(before) != std::string::npos && run.output().find(", process") != std::string::npos;
    };
    if (!eventually([&] { return told() || run.hasEnded(); }) || !told()) return "";
    const std::string text = run.output();
    const auto begin = text.find(before) + before.size();
    return text.substr(begin, text.find(',', begin) - begin);
  }
  static bool says(const Background& run, const std::string& words) { return run.output().find(words) != std::string::npos; }
  static std::string library(const std::string& driver) {
    const bool windows = platformName() == "windows-x64";
    return std::string(TENON_BINARY_DIR) + "/lib/tenon/plugins/" + driver + (windows ? ".dll" : ".so");
  }
};

TEST_F(Run, ServesUntilItIsAskedToStopAndLeavesNothing) {
  const std::string folder = langid("1.0.0"), before = snapshot(folder);
  const auto service = run({folder, "--env", "LOG_LEVEL=debug"});
  const std::string port = portOf(*service);
  ASSERT_NE(port, "") << service->output();
  EXPECT_NE(get(port, "/health").find("1.0.0"), std::string::npos);
  EXPECT_TRUE(says(*service, "langid 1.0.0 for " + platformName() + ", planned by driver ")) << service->output();
  const auto second = tenon("run " + folder);
  EXPECT_EQ(second.status, 10) << second.err;
  EXPECT_NE(second.err.find("is run already by another tenon run"), std::string::npos) << second.err;
  EXPECT_EQ(tenon("run --plan " + folder).status, 0) << "that starts nothing";
  service->ask();
  EXPECT_EQ(get(port, "/health"), "");
  EXPECT_TRUE(says(*service, "langid is stopped")) << service->output();
  EXPECT_EQ(snapshot(folder), before);
}

// On Windows a package brings what it runs on, and these bring nothing; python3 is wherever tests run.
TEST_F(Run, WhatInitMadeAnswersAtOnceAndIsValid) {
  if (platformName() == "windows-x64") GTEST_SKIP() << "no Python or Node.js comes with Windows";
  for (const std::string runtime : {"python", "node"}) {
    const std::string folder = path("my-" + runtime);
    ASSERT_EQ(tenon("init --runtime " + runtime + " " + folder).status, 0);
    const auto valid = tenon("validate " + folder);
    EXPECT_EQ(valid.status, 0) << valid.out;
    if (runtime != "python" && valid.out.find("this node has no") != std::string::npos) continue;
    const auto service = run({folder});
    const std::string port = portOf(*service);
    ASSERT_NE(port, "") << service->output();
    EXPECT_NE(get(port, "/").find("my-" + runtime), std::string::npos);
    service->ask();
    replaceIn(folder + "/service.json", "\"app/main.", "\"app/other.");
    const auto invalid = tenon("validate " + folder);
    EXPECT_EQ(invalid.status, 1) << invalid.err;
    EXPECT_NE(invalid.out.find("/service.json:7:"), std::string::npos) << invalid.out;
    EXPECT_NE(invalid.out.find("the package has no file app/other."), std::string::npos) << invalid.out;
  }
}

TEST_F(Run, KeepsDataWhereItIsTold) {
  const std::string folder = langid("1.0.0");
  isHealthyOnceToldSo(folder);
  std::filesystem::create_directories(path("data"));
  writeText(path("data/healthy"), "");
  const auto service = run({folder, "--data", path("data")});
  EXPECT_NE(portOf(*service), "") << service->output();
  service->ask();
  EXPECT_TRUE(std::filesystem::exists(path("data/healthy")));
}

TEST_F(Run, EndsWithTheServiceThatIsNotStartedAgain) {
  const std::string folder = langid("1.0.0");
  endsAtStart(folder, 3, "no model");
  replaceIn(folder + "/service.json", "\"env_schema\":", "\"restart\": { \"policy\": \"never\" },\n  \"env_schema\":");
  const auto ended = tenon("run " + folder);
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE((ended.out + ended.err).find("no model"), std::string::npos) << ended.out << ended.err;
  EXPECT_NE(ended.err.find("error crash-loop: langid: exit 3"), std::string::npos) << ended.err;
}

TEST_F(Run, WhatAKilledRunLeftIsEndedByTheNext) {
  const std::string folder = langid("1.0.0");
  const auto killed = run({folder});
  const std::string port = portOf(*killed);
  ASSERT_NE(port, "") << killed->output();
  killed->kill();
  EXPECT_NE(get(port, "/health"), "") << "nobody is left who could have stopped it";
  const auto next = run({folder});
  const std::string again = portOf(*next);
  ASSERT_NE(again, "") << next->output();
  EXPECT_TRUE(again == port || get(port, "/health").empty());
  next->ask();
  EXPECT_EQ(get(again, "/health"), "");
}

TEST_F(Run, PlansWithTheNamedDriverAlone) {
  const std::string folder = langid("1.0.0");
  const bool windows = platformName() == "windows-x64";
  const std::string right = windows ? "argv" : "python", wrong = windows ? "python" : "argv";
  const auto plan = tenon("run --plan " + folder + " --driver " + library(right));
  EXPECT_EQ(plan.status, 0) << plan.err;
  const auto document = Json::parse(plan.out);
  ASSERT_TRUE(document) << plan.out;
  EXPECT_EQ(document->member("driver").value().member("name").value().string().value(), right);
  const auto refused = tenon("run " + folder + " --driver " + library(wrong));
  EXPECT_NE(refused.err.find("error driver-missing: "), std::string::npos) << refused.err;
  std::filesystem::copy(library(right), path("mine") + std::filesystem::path(library(right)).extension().string());
  const auto bare =
      tenon("run " + folder + " --driver " + path("mine") + std::filesystem::path(library(right)).extension().string());
  EXPECT_NE(bare.err.find("has no manifest mine.plugin.json beside it"), std::string::npos) << bare.err;
}

TEST_F(Run, RefusesWhatIsWrongAndSaysWhere) {
  const std::string folder = langid("1.0.0");
  EXPECT_EQ(tenon("run " + path("nowhere")).status, 4);
  EXPECT_EQ(tenon("run " + folder + " --env nothing").status, 64);
  namesNoProgram(folder);
  const auto refused = tenon("run " + folder);
  EXPECT_NE(refused.err.find("error plan-invalid: "), std::string::npos) << refused.err;
  writeText(folder + "/service.json", "{");
  EXPECT_NE(tenon("run " + folder).err.find("error format-invalid: "), std::string::npos);
}

}  // namespace tenon::host
