#include "host/runtime/process/Launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/host/runtime/RuntimeWorld.h"

namespace tenon::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LauncherTest : public testing::Test {
 protected:
  LauncherTest() {
    folder_.write("package/app/run", "#!");
    folder_.write("package/python3", "#!");
    folder_.write("package/health/check", "#!");
    folder_.write("bin/node", "#!");
    folder_.write("bin/python3", "#!");
    spec_.plan.program = "app/run";
  }
  std::string searchPath() const { return (folder_.text()[1] == ':' ? "C:/none;" : "/none:") + (folder_ / "bin").text(); }
  Launcher launcher() { return Launcher(*files_, searchPath(), mark_); }
  Result<SpawnRequest> request() { return launcher().service(spec_, 3, {5101, {{"admin_ui", 5201}}}); }
  std::map<std::string, std::string> environment() {
    const auto made = request();
    if (!made) ADD_FAILURE() << made.error().message();
    std::map<std::string, std::string> out;
    for (const auto& [key, value] : made.value().env) {
      EXPECT_TRUE(out.emplace(key, value).second) << key << " is there twice";
    }
    return out;
  }
  std::string programOf(const std::string& program) {
    spec_.plan.program = program;
    const auto made = request();
    return made ? made->argv.front() : made.error().message();
  }

  TempFolder folder_;
  MachineFiles files_;
  RecordingLog log_;
  ContainmentMark mark_{*files_, log_, folder_ / "run/mark"};
  InstanceSpec spec_{sampleManifest(), RuntimeWorld::release("1.2.0"), {}, folder_ / "package",
                     folder_ / "data", folder_ / "logs/current.log",   {}, false};
};

TEST_F(LauncherTest, GivesNothingButWhatIsNamed) {
  const auto env = environment();
  const std::map<std::string, std::string> expected{{"PATH", searchPath()},
                                                    {"LANG", "C.UTF-8"},
                                                    {"HOME", (folder_ / "data").text()},
                                                    {"TMPDIR", (folder_ / "data/tmp").text()},
                                                    {"SERVICE_PORT", "5101"},
                                                    {"PORT", "5101"},
                                                    {"SERVICE_PORT_ADMIN_UI", "5201"},
                                                    {"SERVICE_ID", "lexicon"},
                                                    {"SERVICE_VERSION", "1.2.0"},
                                                    {"SERVICE_HOME", (folder_ / "package").text()},
                                                    {"DATA_DIR", (folder_ / "data").text()},
                                                    {"MODELS_DIR", (folder_ / "package/models").text()},
                                                    {"MODEL_PATH", (folder_ / "package/models").text()}};
  EXPECT_EQ(env, expected);
  EXPECT_TRUE(folder_.exists("data/tmp"));
  EXPECT_TRUE(folder_.exists("logs"));
}

TEST_F(LauncherTest, LaterSourcesOfTheEnvironmentWinAndWhatIsInjectedWinsOverAll) {
  spec_.manifest.envSchema["A"] = {.otherwise = "schema"};
  spec_.manifest.envSchema["B"] = {.otherwise = "schema"};
  spec_.manifest.env = {{"B", "manifest"}, {"C", "manifest"}};
  spec_.plan.env = {{"C", "plan"}, {"D", "plan"}, {"HOME", "/plan"}};
  spec_.policyEnv = {{"D", "policy"}, {"SERVICE_ID", "forged"}};
  const auto env = environment();
  EXPECT_EQ(env.at("A"), "schema");
  EXPECT_EQ(env.at("B"), "manifest");
  EXPECT_EQ(env.at("C"), "plan");
  EXPECT_EQ(env.at("D"), "policy");
  EXPECT_EQ(env.at("HOME"), "/plan");
  EXPECT_EQ(env.at("SERVICE_ID"), "lexicon");
}

TEST_F(LauncherTest, ASearchPathThatTheDriverWasToldOfIsTheDrivers) {
  spec_.policyEnv = {{"PYTHONPATH", "/own"}, {"LD_LIBRARY_PATH", "/lib"}};
  spec_.plan.env = {{"PYTHONPATH", "/own:/wheels"}};
  const auto made = request();
  ASSERT_TRUE(made);
  const std::map<std::string, std::string> env(made->env.begin(), made->env.end());
  EXPECT_EQ(env.at("PYTHONPATH"), "/own:/wheels");
  EXPECT_EQ(env.at("LD_LIBRARY_PATH"), "/lib");
}

TEST_F(LauncherTest, NamesARequiredVariableThatHasNoValue) {
  spec_.manifest.envSchema["API_KEY"] = {.required = true};
  const auto made = request();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::ResourceMissing);
  EXPECT_THAT(made.error().message(), HasSubstr("API_KEY"));
  EXPECT_THAT(made.error().hint(), HasSubstr("tenon set lexicon API_KEY=VALUE"));
  spec_.policyEnv = {{"API_KEY", "x"}};
  EXPECT_TRUE(request());
}

TEST_F(LauncherTest, ExpandsNamesInArgumentsEnvironmentAndEndpoint) {
  spec_.plan.args = {"--listen=127.0.0.1:${SERVICE_PORT}", "$${HOME}", "${MODEL_PATH}/a.bin"};
  spec_.plan.env = {{"ADMIN", "http://localhost:${SERVICE_PORT_ADMIN_UI}"}};
  spec_.manifest.health.endpoint = "/health/${SERVICE_ID}";
  const auto made = request();
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_THAT(made->argv, ElementsAre((folder_ / "package/app/run").text(), "--listen=127.0.0.1:5101", "${HOME}",
                                      (folder_ / "package/models/a.bin").text()));
  EXPECT_EQ(environment().at("ADMIN"), "http://localhost:5201");
  EXPECT_EQ(launcher().healthCheck(spec_, {5101, {}}).value().endpoint, "/health/lexicon");
}

TEST_F(LauncherTest, RefusesANameThatDoesNotExpandAndSaysWhere) {
  spec_.plan.env = {{"URL", "${SERVICE_PROT}"}};
  const auto made = request();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::PlanInvalid);
  EXPECT_THAT(made.error().message(), HasSubstr("environment variable URL: ${SERVICE_PROT}"));
}

TEST_F(LauncherTest, LooksForAProgramInThePackageThenOnThePath) {
  EXPECT_EQ(programOf("app/run"), (folder_ / "package/app/run").text());
  EXPECT_EQ(programOf("./app/run"), (folder_ / "package/app/run").text());
  EXPECT_EQ(programOf("python3"), (folder_ / "package/python3").text());
  EXPECT_EQ(programOf("node"), (folder_ / "bin/node").text());
  EXPECT_EQ(programOf((folder_ / "bin/node").text()), (folder_ / "bin/node").text());
  EXPECT_EQ(programOf("${SERVICE_HOME}/app/run"), (folder_ / "package/app/run").text());
  EXPECT_EQ(programOf("bin/node"), "program bin/node is missing");
  EXPECT_EQ(programOf("app"), "program app is missing");  // a folder is no program
  EXPECT_EQ(programOf("/no/such/thing"), "program /no/such/thing is missing");
  EXPECT_EQ(request().error().code(), ErrorCode::SpawnFailed);
}

TEST_F(LauncherTest, TakesASearchPathWithDrivesAsWindowsDoes) {
  folder_.write("bin/cobol.exe", "MZ");
  std::string path = "C:\\none;" + (folder_ / "bin").text();
  std::replace(path.begin(), path.end(), '/', '\\');
  spec_.plan.program = "cobol";
  const auto made = Launcher(*files_, path, mark_).service(spec_, 3, {5101, {{"admin_ui", 5201}}});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->argv.front(), (folder_ / "bin/cobol.exe").text());
}

TEST_F(LauncherTest, KeepsAServiceToItsOwn) {
  spec_.isolation = {.level = Isolation::Standard, .user = 70012, .node = folder_.path()};
  const auto standard = request();
  ASSERT_TRUE(standard) << standard.error().message();
  EXPECT_FALSE(standard->isolation.required);
  EXPECT_EQ(standard->isolation.user, 70012U);
  EXPECT_THAT(standard->isolation.owned, ElementsAre(folder_ / "data", folder_ / "data/tmp"));
  ASSERT_TRUE(standard->isolation.files);
  EXPECT_EQ(standard->isolation.files->rest, FileAccess::Rest::Open);
  EXPECT_EQ(standard->isolation.files->hidden, folder_.path());
  EXPECT_THAT(standard->isolation.files->read, ElementsAre(folder_ / "package"));
  EXPECT_THAT(standard->isolation.files->write, ElementsAre(folder_ / "data", folder_ / "logs/current.log"));

  spec_.isolation.level = Isolation::Strict;
  const auto strict = request();
  EXPECT_TRUE(strict->isolation.required);
  EXPECT_EQ(strict->isolation.files->rest, FileAccess::Rest::System);

  spec_.isolation = {};
  const auto none = request();
  EXPECT_FALSE(none->isolation.user || none->isolation.files || none->isolation.required);
  EXPECT_THAT(none->isolation.owned, ElementsAre(folder_ / "data", folder_ / "data/tmp")) << "the next user is told by it";
}

TEST_F(LauncherTest, KeepsStepsAndHealthProgramsToTheSame) {
  spec_.isolation = {.level = Isolation::Standard, .user = 70012, .node = folder_.path()};
  spec_.plan.prepare = {{.program = "app/run"}};
  const auto steps = launcher().prepareSteps(spec_, 3, {});
  ASSERT_TRUE(steps) << steps.error().message();
  EXPECT_EQ(steps->at(0).isolation.user, 70012U);
  spec_.manifest.health.type = HealthCheck::Type::Exec;
  spec_.manifest.health.endpoint = "health/check";
  const auto program = launcher().healthProgram(spec_, 3, {}, folder_ / "logs/health.3.log");
  ASSERT_TRUE(program) << program.error().message();
  EXPECT_EQ(program->isolation.user, 70012U);
  EXPECT_THAT(program->isolation.files->write, testing::Contains(folder_ / "logs/health.3.log"));
}

TEST_F(LauncherTest, StartsNothingThatCannotBeIsolatedAsItHasToBe) {
  spec_.isolation.fault = Error(ErrorCode::ResourceMissing, "no Landlock here");
  const auto made = request();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::ResourceMissing);
}

TEST_F(LauncherTest, SaysWhereItLookedForAMissingProgram) {
  spec_.plan.program = "cobol";
  const auto made = request();
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().hint(), HasSubstr((folder_ / "package").text()));
  EXPECT_THAT(made.error().hint(), HasSubstr((folder_ / "bin").text()));
}

TEST_F(LauncherTest, PassesNameFolderOutputAndLimitsOn) {
  auto& resources = spec_.manifest.platforms.at("linux-x64").resources;
  resources = {.memoryMb = 64, .gpuMemoryMb = {}, .pids = 10, .openFiles = 100, .cpus = 1.5};
  auto made = request().value();
  EXPECT_EQ(made.name, mark_.name("lexicon.3"));
  EXPECT_EQ(made.cwd, folder_ / "package");
  EXPECT_EQ(made.output, folder_ / "logs/current.log");
  EXPECT_EQ(made.memoryBytes, 64 * limits::MiB);
  EXPECT_EQ(made.cpus, 1.5);
  EXPECT_EQ(made.processes, 10u);
  EXPECT_EQ(made.openFiles, 100u);
  spec_.plan.cwd = "app";
  EXPECT_EQ(request().value().cwd, folder_ / "package/app");
}

TEST_F(LauncherTest, PutsPrepareStepsAndHealthProgramsUnderTheSameLimits) {
  spec_.manifest.platforms.at("linux-x64").resources.memoryMb = 64;
  spec_.plan.prepare = {{"python3", {"-m", "venv", "${DATA_DIR}/venv"}, {{"X", "1"}}}};
  const auto steps = launcher().prepareSteps(spec_, 3, {5101, {}});
  ASSERT_TRUE(steps) << steps.error().message();
  ASSERT_EQ(steps->size(), 1u);
  EXPECT_EQ(steps->front().name, mark_.name("lexicon.3.prepare"));
  EXPECT_EQ(steps->front().argv.back(), (folder_ / "data/venv").text());
  EXPECT_EQ(steps->front().memoryBytes, 64 * limits::MiB);
  EXPECT_THAT(steps->front().env, testing::Contains(std::pair<std::string, std::string>("X", "1")));

  for (const char* endpoint : {"check", "health/check"}) {
    spec_.manifest.health.endpoint = endpoint;
    const auto health = launcher().healthProgram(spec_, 3, {5101, {}}, folder_ / "health.log");
    ASSERT_TRUE(health) << health.error().message();
    EXPECT_EQ(health->argv.front(), (folder_ / "package/health/check").text());
    EXPECT_EQ(health->name, mark_.name("lexicon.3.health"));
    EXPECT_EQ(health->output, folder_ / "health.log");
    EXPECT_EQ(health->memoryBytes, 64 * limits::MiB);
  }
}

TEST_F(LauncherTest, RefusesAHealthProgramOutsideThePackage) {
  for (const char* endpoint : {"", "/bin/true", "../check", "health/../../check", "nothing"}) {
    spec_.manifest.health.endpoint = endpoint;
    const auto health = launcher().healthProgram(spec_, 3, {5101, {}}, folder_ / "health.log");
    ASSERT_FALSE(health) << endpoint;
    EXPECT_EQ(health.error().code(), ErrorCode::PlanInvalid);
    EXPECT_EQ(health.error().field(), "health_check.endpoint");
  }
}

}  // namespace
}  // namespace tenon::host
