#include "tests/host/cli/CommandRun.h"

namespace tenon::host {

using testing::HasSubstr;

class Init : public CommandRun {
 protected:
  Ran init(const std::string& name, const std::string& runtime = "python") {
    return tenon({"init", "--runtime", runtime, path(name)});
  }
};

TEST_F(Init, MakesAServiceOfEveryRuntimeThatIsValid) {
  for (const std::string runtime : {"binary", "java", "node", "python", "rust"}) {
    const auto made = init(runtime, runtime);
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("# " + runtime + ": a ")) << "what to do next stands in README.md";
    EXPECT_THAT(folder_.read(runtime + "/service.json"), HasSubstr("\"service_id\": \"" + runtime + "\""));
    const auto valid = tenon({"validate", path(runtime + "/service.json")});
    EXPECT_EQ(valid.status, 0) << valid.out;
  }
}

TEST_F(Init, WhatNeedsNoBuildCanBePackedAtOnce) {
  for (const std::string runtime : {"java", "node"}) {
    ASSERT_EQ(init(runtime, runtime).status, 0);
    EXPECT_EQ(tenon({"validate", path(runtime)}).status, 0);
  }
}

TEST_F(Init, WhatNeedsOneSaysWhatIsNotThereYet) {
  for (const std::string runtime : {"binary", "rust"}) {
    ASSERT_EQ(init(runtime, runtime).status, 0);
    EXPECT_THAT(tenon({"validate", path(runtime)}).out, HasSubstr(" is not there\n1 fault\n"));
  }
}

TEST_F(Init, OverwritesNothing) {
  folder_.write("mine/service.json", "mine");
  const auto refused = init("mine");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("error already-exists: " + path("mine/service.json") + " is there already"));
  EXPECT_EQ(folder_.read("mine/service.json"), "mine");
  EXPECT_FALSE(folder_.exists("mine/README.md"));
  folder_.write("other/app/main.py", "mine");
  EXPECT_EQ(init("other").status, 1);
  EXPECT_FALSE(folder_.exists("other/service.json"));
}

TEST_F(Init, NamesTheServiceAfterItsFolderOrAsItIsTold) {
  ASSERT_EQ(init("My Service").status, 0);
  EXPECT_THAT(folder_.read("My Service/service.json"), HasSubstr("\"my-service\""));
  ASSERT_EQ(tenon({"init", "--runtime", "python", "--id", "greeter", path("x")}).status, 0);
  EXPECT_THAT(folder_.read("x/service.json"), HasSubstr("\"greeter\""));
  EXPECT_THAT(init("_").err, HasSubstr("name the service with --id ID"));
  EXPECT_EQ(tenon({"init", "--runtime", "cobol", path("y")}).status, 64);
}

}  // namespace tenon::host
