// An OCI bundle with busybox in it, by each of what may run it: the others are hidden from the agent.
#include <unistd.h>

#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

constexpr const char* kRuntimes[] = {"crun", "runc", "bwrap"};

class Container : public RealProgram, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (fromDebian("busybox-static").empty()) GTEST_SKIP() << "Debian gave no busybox";
    if (shell(std::string("command -v ") + GetParam()).status != 0) GTEST_SKIP() << GetParam() << " is not here";
    if (::geteuid() != 0) GTEST_SKIP() << "only root can hide the others";
    std::string hide;
    for (const std::string each : kRuntimes) {
      if (each != GetParam()) hide += "at=$(command -v " + each + ") && mount --bind /dev/null \"$at\"\n";
    }
    writeText(path("agent"),
              "#!/bin/sh\nexec unshare --mount -- sh -c '" + hide + "exec \"" + TENON_PROGRAM + "\" \"$@\"' agent \"$@\"\n");
    std::filesystem::permissions(path("agent"), std::filesystem::perms::owner_all | std::filesystem::perms::others_exec |
                                                    std::filesystem::perms::others_read);
    useProgram(path("agent"));
  }
  std::string at(const std::string& version, const std::string& isolation = "none") {
    const std::string folder = package("inside", version,
                                       R"({
      "service_id": "inside", "version": "VERSION", "isolation": ")" +
                                           isolation + R"(",
      "platforms": { "linux-x64": { "exec": { "type": "container", "args": ["/serve", "${SERVICE_PORT}"] } } },
      "health_check": { "type": "http", "endpoint": "/health", "interval_ms": 500 },
      "env_schema": { "GREETING": { "type": "string", "default": "the service's \"own\"" } },
      "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    std::filesystem::create_directories(folder + "/rootfs/bin");
    place(fromDebian("busybox-static") + "/bin/busybox", folder + "/rootfs/bin/busybox");
    std::filesystem::create_symlink("busybox", folder + "/rootfs/bin/sh");
    place(source("container/serve"), folder + "/rootfs/serve");
    place(source("container/config.json"), folder + "/config.json");
    std::filesystem::create_directories(folder + "/rootfs/www");
    writeText(folder + "/rootfs/www/version", version);
    writeText(folder + "/rootfs/www/health", "ok");
    return folder;
  }
  std::string told(const std::string& name) const { return readText(serviceFolder("inside") + "/data/" + name); }
  // What runs in the container, by its words: runc gives it pipes, and so no name of the service's folder.
  static std::set<long> inside(const std::string& port) {
    std::set<long> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const std::string words = readText(entry.path().string() + "/cmdline");
      const bool isServer = words.find("httpd") != std::string::npos && words.find("127.0.0.1:" + port) != std::string::npos;
      if (isServer || words == std::string("/bin/sh\0/serve\0", 15) + port + '\0') found.insert(std::stol(name));
    }
    return found;
  }
  std::string mountsOfTheNode() const { return shell("grep -c " + root() + " /proc/mounts").out; }
};

TEST_P(Container, ComesBackAfterItsRuntimeWasKilledAndStopsWithAllThatIsInside) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const std::string release = serviceFolder("inside") + "/versions/1.0.0", packed = snapshot(release);
  const auto before = status("inside");
  EXPECT_EQ(get(before.at("port"), "/version"), "1.0.0");
  EXPECT_EQ(told("pid"), "1\n") << "in a process namespace of its own";
  EXPECT_EQ(told("environment"), "the service's \"own\", the image's, /data, \n");

  const auto all = inside(before.at("port"));
  EXPECT_GE(all.size(), 2u);  // the server forks for each question
  killProcess(mainPid("inside"));
  ASSERT_TRUE(comesBack("inside", std::stol(before.at("pid"))));
  EXPECT_EQ(member("inside", "port"), before.at("port"));
  for (const long pid : all) EXPECT_FALSE(inside(before.at("port")).contains(pid)) << pid;
  EXPECT_EQ(get(before.at("port"), "/version"), "1.0.0");

  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("inside", "/version"));
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("inside"));
  EXPECT_EQ(inside(before.at("port")), std::set<long>());
  EXPECT_NE(tenon("logs inside").out.find("inside ends"), std::string::npos) << "it was asked first";
  EXPECT_EQ(snapshot(release), packed);
  EXPECT_EQ(mountsOfTheNode(), "0\n");
}

TEST_P(Container, IsUpgradedWarmWithBothReleasesAtOnceAndBack) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto before = status("inside");
  const auto old = inside(before.at("port"));
  EXPECT_GE(old.size(), 2u);
  const auto upgraded = upgradeTo(at("1.1.0"), 1);
  ASSERT_EQ(upgraded.status, 0) << upgraded.err;
  EXPECT_EQ(get(member("inside", "port"), "/version"), "1.1.0");
  for (const long pid : old) EXPECT_FALSE(inside(before.at("port")).contains(pid)) << pid;
  ASSERT_EQ(tenon("rollback inside").status, 0);
  EXPECT_EQ(get(member("inside", "port"), "/version"), "1.0.0");
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("inside"));
}

TEST_P(Container, RunsForAnAgentThatIsNotRootToo) {
  constexpr unsigned kNoRights = 65534;
  if (shell("setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user true").status != 0)
    GTEST_SKIP() << "this system gives namespaces to root alone";
  shell("chown " + std::to_string(kNoRights) + " " + root());
  useProgram(TENON_PROGRAM);  // who is not root hides nothing: it is the first of those that there are
  runAgentAs(kNoRights);
  startHub();
  startAgent("--listen 127.0.0.1:0");
  publish(at("1.0.0"));
  expectDone(tenon("install inside"));
  EXPECT_EQ(get(member("inside", "port"), "/version"), "1.0.0");
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("inside"));
}

TEST_P(Container, IsRefusedWhereIsolationForbidsMounts) {
  startHub();
  startAgent();
  publish(at("1.0.0", "standard"));
  const auto refused = tenon("install inside");
  EXPECT_NE(refused.err.find("error plan-invalid: "), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("which isolation \"standard\" forbids"), std::string::npos) << refused.err;
}

INSTANTIATE_TEST_SUITE_P(Runtimes, Container, testing::ValuesIn(kRuntimes),
                         [](const auto& runtime) { return std::string(runtime.param); });

}  // namespace tenon::host
