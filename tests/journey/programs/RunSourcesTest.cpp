// `tenon run` of a folder of Rust sources: built first, and again after a change.
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class RunSources : public RealProgram {
 protected:
  void SetUp() override {
    if (shell("command -v cargo").status != 0) GTEST_SKIP() << "cargo is not here";
    std::filesystem::create_directories(path("hello/src"));
    writeText(path("hello/Cargo.toml"), "[package]\nname = \"hello\"\nversion = \"1.0.0\"\nedition = \"2021\"\n");
    writeText(path("hello/service.json"), R"({
      "service_id": "hello", "version": "1.0.0",
      "platforms": { "linux-x64": { "exec": { "type": "rust", "program": "hello" } } },
      "health_check": { "type": "none", "startup_grace_ms": 50 }, "restart": { "policy": "never" }, "env_schema": {} })");
  }
  // The program's own end ends the run too.
  Outcome runs(const std::string& statements) {
    writeText(path("hello/src/main.rs"), "fn main() { " + statements + " }\n");
    return tenon("run " + path("hello"));
  }
};

TEST_F(RunSources, BuildsThemFirstAndAfterAChangeAgain) {
  const auto first = runs("println!(\"from the first\"); std::process::exit(3)");
  EXPECT_NE(first.out.find("from the first"), std::string::npos) << first.out << first.err;
  EXPECT_NE(first.err.find("cargo build --release"), std::string::npos) << first.err;
  EXPECT_NE(first.err.find("exit 3"), std::string::npos) << first.err;
  const auto second = runs("println!(\"from the second\"); std::process::exit(3)");
  EXPECT_NE(second.out.find("from the second"), std::string::npos) << second.out << second.err;
}

TEST_F(RunSources, ThatDoNotCompileAreNotRun) {
  const auto failed = runs("this is no Rust");
  EXPECT_NE(failed.status, 0);
  EXPECT_NE(failed.err.find("error: "), std::string::npos) << "cargo's own words: " << failed.err;
  EXPECT_NE(failed.err.find("error spawn-failed: cargo did not build "), std::string::npos) << failed.err;
}

TEST_F(RunSources, ThePlanAloneBuildsNothing) {
  writeText(path("hello/src/main.rs"), "fn main() {}\n");
  const auto plan = tenon("run --plan " + path("hello"));
  EXPECT_NE(plan.err.find("the package has no such program"), std::string::npos) << plan.err;
  EXPECT_FALSE(std::filesystem::exists(path("hello/target")));
}

}  // namespace tenon::host
