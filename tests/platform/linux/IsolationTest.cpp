// What isolation means on Linux. Most of it takes root, and all of it a kernel with Landlock.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "tests/platform/linux/LinuxAdapters.h"

namespace tenon::host {

namespace {

namespace fs = std::filesystem;

// Others than those of a test that runs beside this one: who runs something else is refused.
const std::uint32_t kUser = 70000 + static_cast<std::uint32_t>(::getpid()) % 4000, kOther = kUser + 4000;

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0;
  bool operator==(const Owner&) const = default;
};
[[maybe_unused]] void PrintTo(const Owner& owner, std::ostream* out) {
  *out << owner.user << ":" << owner.group << " mode " << std::oct << owner.mode << std::dec;
}

long landlockVersion() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1); }

Owner ownerOf(const Path& path) {
  struct stat found = {};
  EXPECT_EQ(::lstat(path.text().c_str(), &found), 0) << path.text();
  return {found.st_uid, found.st_gid, found.st_mode & 07777};
}
constexpr Owner ownedBy(std::uint32_t user, mode_t mode) { return {user, user, mode}; }

class LinuxIsolation : public ProcessSuite {
 protected:
  // A node with a package, two services' data, and keys; and a folder that is no part of it.
  void SetUp() override {
    ProcessSuite::SetUp();
    ::umask(022);
    ::chmod(folder_.text().c_str(), 0755);
    folder_.write("node/package/app", "program");
    folder_.write("node/data/mine", "");
    folder_.write("node/other/secret", "theirs");
    folder_.write("node/trust/key", "key");
    folder_.write("outside/file", "");
    ::chmod((folder_ / "outside").text().c_str(), 0777);
  }
  void needRoot() const {
    if (const auto& why = adapter_->facts().isolation.userWhy; !why.empty()) GTEST_SKIP() << why;
  }
  void needFiles() const {
    if (const auto& why = adapter_->facts().isolation.filesWhy; !why.empty()) GTEST_SKIP() << why;
  }

  SpawnRequest asUser(std::initializer_list<std::string> verb) const {
    auto request = requestFor(verb);
    request.isolation.user = kUser;
    request.isolation.owned = {folder_ / "node/data"};
    return request;
  }
  SpawnRequest withFiles(std::initializer_list<std::string> verb, bool systemOnly = false) const {
    auto request = requestFor(verb);
    request.isolation.files = FileAccess{.rest = systemOnly ? FileAccess::Rest::System : FileAccess::Rest::Open,
                                         .hidden = folder_ / "node",
                                         .read = {folder_ / "node/package", Path(TENON_TEST_CHILD).parent()},
                                         .write = {folder_ / "node/data", folder_ / "output.log"}};
    return request;
  }
  SpawnedProcess run(const SpawnRequest& request) {
    auto spawned = spawn(request);
    EXPECT_EQ(waitForEnd(spawned.process).code, 0) << output();
    return spawned;
  }
  std::string at(const std::string& name) const { return (folder_ / name).text(); }
  // What the child said of an attempt: "yes", or why not.
  std::string said(const std::string& what, const std::string& on) { return waitForLine(what + " " + on + ": "); }
  std::string status(const std::string& key) {
    const std::string value = waitForLine("status " + key + ":");
    const auto begin = value.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : value.substr(begin);
  }
  Error refusal(const SpawnRequest& request) {
    const auto spawned = processes().spawn(request);
    if (spawned) own(spawned->process);
    EXPECT_FALSE(spawned);
    return spawned ? Error(ErrorCode::Internal, "it was started") : spawned.error();
  }
};

const std::string kNo = "Permission denied";

}  // namespace

#define TENON_NEEDS_ROOT() \
  needRoot();              \
  if (IsSkipped()) return
#define TENON_NEEDS_LANDLOCK() \
  needFiles();                 \
  if (IsSkipped()) return

INSTANTIATE_TEST_SUITE_P(Linux, LinuxIsolation, testing::Values(linkedInAdapter(), libraryAdapter()), nameOfAdapter);

// ---- a user of its own ----

TEST_P(LinuxIsolation, AProcessIsItsUserInOneGroupWithoutRights) {
  TENON_NEEDS_ROOT();
  const auto spawned = run(asUser({"report"}));
  EXPECT_EQ(spawned.user, kUser);
  EXPECT_TRUE(spawned.lacks.empty());
  const std::string user = std::to_string(kUser), four = user + "\t" + user + "\t" + user + "\t" + user;
  EXPECT_EQ(status("Uid"), four);
  EXPECT_EQ(status("Gid"), four);
  EXPECT_EQ(status("Groups"), "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) EXPECT_EQ(status(set), "0000000000000000") << set;
  EXPECT_EQ(status("NoNewPrivs"), "1");
}

TEST_P(LinuxIsolation, ItIsEndedAsAnyOther) {
  TENON_NEEDS_ROOT();
  const auto spawned = spawn(asUser({"stubborn"}));
  const std::string grandchild = waitForLine("grandchild ");
  EXPECT_EQ(processes().stats(spawned.process)->processes, 2u);
  ASSERT_TRUE(processes().killTree(spawned.process));
  EXPECT_EQ(runAgent({"is-alive", grandchild}), "no");
}

TEST_P(LinuxIsolation, ItIsTakenUpByAnotherAdapter) {
  TENON_NEEDS_ROOT();
  const auto spawned = processes().spawn(asUser({"sleep"}));
  ASSERT_TRUE(spawned) << spawned.error().message();
  processes().release(spawned->process);
  adapter_ = openAnother();
  const auto adopted = processes().adopt(spawned->identity);
  ASSERT_TRUE(adopted) << adopted.error().message();
  own(*adopted);
  ASSERT_TRUE(processes().signal(*adopted, "TERM"));
  waitForEnd(*adopted);
}

TEST_P(LinuxIsolation, Case63ItReadsItsPackageAndWritesItsDataAlone) {
  TENON_NEEDS_ROOT();
  ::chmod(at("node/trust").c_str(), 0700);
  const long agent = ::getpid();
  run(asUser({"attempt", "read", at("node/package/app"), "write", at("node/package/app"), "make", at("node/package/new"),
              "write", at("node/data/mine"), "make", at("node/data/new"), "read", at("node/trust/key"), "write",
              "/dev/stdout", "signal", std::to_string(agent)}));
  EXPECT_EQ(said("read", at("node/package/app")), "yes");
  EXPECT_EQ(said("write", at("node/package/app")), kNo);
  EXPECT_EQ(said("make", at("node/package/new")), kNo);
  EXPECT_EQ(said("write", at("node/data/mine")), "yes");
  EXPECT_EQ(said("make", at("node/data/new")), "yes");
  EXPECT_EQ(said("read", at("node/trust/key")), kNo);
  EXPECT_EQ(said("write", "/dev/stdout"), "yes");
  EXPECT_EQ(said("signal", std::to_string(agent)), "Operation not permitted");
  EXPECT_EQ(ownerOf(folder_ / "output.log"), (Owner{0, kUser, 0660}));
}

TEST_P(LinuxIsolation, WhatLiesInItsDataIsGivenToItThroughNoLink) {
  TENON_NEEDS_ROOT();
  folder_.write("node/data/deep/er/file", "");
  fs::create_symlink(at("outside/file"), at("node/data/link"));
  fs::create_directory_symlink(at("outside"), at("node/data/linked"));
  fs::create_hard_link(at("node/data/mine"), at("node/data/deep/again"));
  ASSERT_EQ(::mkfifo(at("node/data/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mknod(at("node/data/device").c_str(), S_IFCHR | 0600, 0x103), 0);  // as null is
  ASSERT_EQ(::chmod(at("node/data/mine").c_str(), 04755), 0);
  run(asUser({"exit", "0"}));
  EXPECT_EQ(ownerOf(folder_ / "node/data"), ownedBy(kUser, 0700));
  EXPECT_EQ(ownerOf(folder_ / "node/data/deep/er"), ownedBy(kUser, 0755));
  EXPECT_EQ(ownerOf(folder_ / "node/data/deep/er/file"), ownedBy(kUser, 0644));
  EXPECT_EQ(ownerOf(folder_ / "node/data/mine"), ownedBy(kUser, 0755)) << "nobody's rights are given along";
  EXPECT_EQ(ownerOf(folder_ / "node/data/pipe").user, kUser);
  EXPECT_EQ(ownerOf(folder_ / "node/data/link").user, kUser);
  EXPECT_EQ(ownerOf(folder_ / "node/data/device").user, 0u);
  EXPECT_EQ(ownerOf(folder_ / "outside/file").user, 0u);
  EXPECT_EQ(ownerOf(folder_ / "outside").user, 0u);
}

TEST_P(LinuxIsolation, AFileWithANameElsewhereIsNotGivenAway) {
  TENON_NEEDS_ROOT();
  fs::create_hard_link(at("outside/file"), at("node/data/mine-now"));
  const Error error = refusal(asUser({"exit", "0"}));
  EXPECT_EQ(error.code(), ErrorCode::Denied);
  EXPECT_NE(error.message().find(at("node/data/mine-now")), std::string::npos) << error.message();
  EXPECT_FALSE(error.hint().empty());
  EXPECT_EQ(ownerOf(folder_ / "outside/file").user, 0u);
  EXPECT_EQ(ownerOf(folder_ / "node/data").user, 0u) << "so the next start tries again";
  fs::remove(at("node/data/mine-now"));
  run(asUser({"exit", "0"}));
}

TEST_P(LinuxIsolation, AServiceThatPutsALinkInItsFoldersPlaceGetsNothing) {
  TENON_NEEDS_ROOT();
  run(asUser({"exit", "0"}));
  fs::create_directory_symlink(at("outside"), at("node/data/tmp"));
  ASSERT_EQ(::lchown(at("node/data/tmp").c_str(), kUser, kUser), 0);
  auto request = asUser({"exit", "0"});
  request.isolation.owned.push_back(folder_ / "node/data/tmp");
  EXPECT_NE(refusal(request).message().find(at("node/data/tmp")), std::string::npos);
  EXPECT_EQ(ownerOf(folder_ / "outside").user, 0u);
}

TEST_P(LinuxIsolation, ALinkOfTheNodesOwnerStandsForTheFolder) {
  TENON_NEEDS_ROOT();
  fs::rename(at("node/data"), at("outside/data"));
  fs::create_directory_symlink(at("outside/data"), at("node/data"));
  run(asUser({"attempt", "write", at("node/data/mine")}));
  EXPECT_EQ(said("write", at("node/data/mine")), "yes");
  EXPECT_EQ(ownerOf(folder_ / "outside/data"), ownedBy(kUser, 0700));
}

// The whole folder is looked through where somebody else has been its user in between, and only there.
TEST_P(LinuxIsolation, AFolderIsGivenOnceAndAgainAfterAnother) {
  TENON_NEEDS_ROOT();
  run(asUser({"exit", "0"}));
  folder_.write("node/data/roots", "");
  run(asUser({"exit", "0"}));
  EXPECT_EQ(ownerOf(folder_ / "node/data/roots").user, 0u);
  auto asOurselves = asUser({"exit", "0"});
  asOurselves.isolation.user.reset();
  run(asOurselves);
  EXPECT_EQ(ownerOf(folder_ / "node/data"), (Owner{kUser, 0, 0700})) << "who runs beside it goes on";
  run(asUser({"exit", "0"}));
  EXPECT_EQ(ownerOf(folder_ / "node/data/roots").user, kUser);
  auto asAnother = asUser({"exit", "0"});
  asAnother.isolation.user = kOther;
  run(asAnother);
  EXPECT_EQ(ownerOf(folder_ / "node/data/roots"), ownedBy(kOther, 0644));
}

TEST_P(LinuxIsolation, AUserThatIsSomebodyElseIsRefused) {
  TENON_NEEDS_ROOT();
  auto request = asUser({"exit", "0"});
  request.isolation.user = 1;  // daemon, or bin: on every system
  const Error account = refusal(request);
  EXPECT_EQ(account.code(), ErrorCode::AlreadyExists);
  EXPECT_NE(account.message().find("the account "), std::string::npos) << account.message();
  EXPECT_NE(account.hint().find("service_users"), std::string::npos);

  auto runs = asUser({"sleep"});
  runs.isolation.owned.clear();
  const auto spawned = spawn(runs);
  const Error running = refusal(asUser({"exit", "0"}));
  EXPECT_EQ(running.code(), ErrorCode::AlreadyExists);
  EXPECT_NE(running.message().find("runs process " + std::to_string(spawned.pid)), std::string::npos) << running.message();
}

TEST_P(LinuxIsolation, AFolderThatItsUserMayNotEnterIsNamed) {
  TENON_NEEDS_ROOT();
  ::chmod(at("node").c_str(), 0700);
  auto request = asUser({"exit", "0"});
  request.cwd = folder_ / "node/package";
  const auto spawned = run(request);
  EXPECT_FALSE(spawned.user);
  ASSERT_EQ(spawned.lacks.size(), 1u);
  EXPECT_NE(spawned.lacks[0].find("may not enter " + at("node") + " (mode 0700)"), std::string::npos) << spawned.lacks[0];
  request.isolation.required = true;
  const Error refused = refusal(request);
  EXPECT_EQ(refused.code(), ErrorCode::ResourceMissing);
  EXPECT_NE(refused.message().find(at("node") + " (mode 0700)"), std::string::npos) << refused.message();
}

// ---- files ----

TEST_P(LinuxIsolation, Case63OfTheHiddenFolderItReachesItsOwnAlone) {
  TENON_NEEDS_LANDLOCK();
  const auto spawned = run(withFiles({"attempt",
                                      "read",
                                      at("node/package/app"),
                                      "write",
                                      at("node/package/app"),
                                      "make",
                                      at("node/package/new"),
                                      "read",
                                      at("node/data/mine"),
                                      "write",
                                      at("node/data/mine"),
                                      "make",
                                      at("node/data/new"),
                                      "read",
                                      at("node/other/secret"),
                                      "list",
                                      at("node/other"),
                                      "list",
                                      at("node"),
                                      "read",
                                      at("node/trust/key"),
                                      "make",
                                      at("node/new"),
                                      "write",
                                      at("outside/file"),
                                      "make",
                                      at("outside/new"),
                                      "write",
                                      "/dev/stdout",
                                      "read",
                                      "/etc/hostname",
                                      "list",
                                      "/usr"}));
  EXPECT_TRUE(spawned.filesKept);
  for (const char* mine : {"read node/package/app", "read node/data/mine", "write node/data/mine", "make node/data/new",
                           "write outside/file", "make outside/new"}) {
    const std::string text(mine);
    EXPECT_EQ(said(text.substr(0, text.find(' ')), at(text.substr(text.find(' ') + 1))), "yes") << mine;
  }
  for (const char* others : {"write node/package/app", "make node/package/new", "read node/other/secret", "list node/other",
                             "list node", "read node/trust/key", "make node/new"}) {
    const std::string text(others);
    EXPECT_EQ(said(text.substr(0, text.find(' ')), at(text.substr(text.find(' ') + 1))), kNo) << others;
  }
  EXPECT_EQ(said("write", "/dev/stdout"), "yes");
  EXPECT_EQ(said("read", "/etc/hostname"), "yes");
  EXPECT_EQ(said("list", "/usr"), "yes");
}

TEST_P(LinuxIsolation, WithTheSystemAloneTheRestIsShut) {
  TENON_NEEDS_LANDLOCK();
  run(withFiles({"attempt",
                 "read",
                 at("node/package/app"),
                 "write",
                 at("node/data/mine"),
                 "read",
                 at("outside/file"),
                 "make",
                 at("outside/new"),
                 "make",
                 "/tmp/tenon-isolation-test",
                 "list",
                 "/",
                 "read",
                 "/etc/passwd",
                 "read",
                 "/dev/urandom",
                 "write",
                 "/dev/null",
                 "list",
                 "/proc/self"},
                true));
  EXPECT_EQ(said("read", at("node/package/app")), "yes");
  EXPECT_EQ(said("write", at("node/data/mine")), "yes");
  EXPECT_EQ(said("read", at("outside/file")), kNo);
  EXPECT_EQ(said("make", at("outside/new")), kNo);
  EXPECT_EQ(said("make", "/tmp/tenon-isolation-test"), kNo);
  EXPECT_EQ(said("list", "/"), kNo);
  EXPECT_EQ(said("read", "/etc/passwd"), "yes");
  EXPECT_EQ(said("read", "/dev/urandom"), "yes");
  EXPECT_EQ(said("write", "/dev/null"), "yes");
  EXPECT_EQ(said("list", "/proc/self"), "yes");
}

TEST_P(LinuxIsolation, ItSignalsNobodyOutside) {
  constexpr long kWithSignals = 6;  // Linux 6.12
  if (landlockVersion() < kWithSignals) GTEST_SKIP() << "this kernel's Landlock leaves signals alone";
  const std::string agent = std::to_string(::getpid());
  run(withFiles({"attempt", "signal", agent}));
  EXPECT_EQ(said("signal", agent), "Operation not permitted");
}

TEST_P(LinuxIsolation, UserAndFilesTogether) {
  TENON_NEEDS_ROOT();
  TENON_NEEDS_LANDLOCK();
  auto request =
      withFiles({"attempt", "read", at("node/package/app"), "write", at("node/data/mine"), "read", at("node/other/secret"),
                 "write", at("outside/file"), "make", at("outside/new"), "write", "/dev/stdout"},
                true);
  request.isolation.user = kUser;
  request.isolation.owned = {folder_ / "node/data"};
  request.isolation.required = true;
  const auto spawned = run(request);
  EXPECT_EQ(spawned.user, kUser);
  EXPECT_TRUE(spawned.filesKept);
  EXPECT_EQ(said("read", at("node/package/app")), "yes");
  EXPECT_EQ(said("write", at("node/data/mine")), "yes");
  EXPECT_EQ(said("write", "/dev/stdout"), "yes");
  EXPECT_EQ(said("read", at("node/other/secret")), kNo);
  EXPECT_EQ(said("make", at("outside/new")), kNo);
}

TEST_P(LinuxIsolation, AProgramThatItMayNotReadIsNamedWithAHint) {
  TENON_NEEDS_LANDLOCK();
  auto request = withFiles({"exit", "0"}, true);
  request.isolation.files->read.pop_back();
  const Error error = refusal(request);
  EXPECT_EQ(error.code(), ErrorCode::SpawnFailed);
  EXPECT_NE(error.hint().find("isolation"), std::string::npos) << error.hint();
}

TEST_P(LinuxIsolation, AWrongRequestNamesItsField) {
  auto request = requestFor({"exit", "0"});
  request.isolation.user = 0;
  EXPECT_EQ(refusal(request).field(), "isolation.user");
  request.isolation.user.reset();
  request.isolation.files = FileAccess{.read = {Path("here")}};
  EXPECT_EQ(refusal(request).field(), "isolation.files.read[0]");
}

TEST_P(LinuxIsolation, FoldersOfOursAreShutAndNoOthers) {
  TENON_NEEDS_ROOT();
  ASSERT_EQ(::chmod(at("node").c_str(), 0755), 0);
  ASSERT_EQ(::chown(at("node/other").c_str(), kOther, kOther), 0);
  Files& files = adapter_->files();
  ASSERT_TRUE(files.makePrivateFolders(folder_ / "node/trust"));
  ASSERT_TRUE(files.makePrivateFolders(folder_ / "node/run/locks"));
  ASSERT_TRUE(files.makePrivateFolders(folder_ / "node/other"));
  EXPECT_EQ(ownerOf(folder_ / "node/trust").mode, 0700u);
  EXPECT_EQ(ownerOf(folder_ / "node/run").mode, 0700u);
  EXPECT_EQ(ownerOf(folder_ / "node").mode, 0755u);
  EXPECT_EQ(ownerOf(folder_ / "node/other").mode, 0755u);
}

}  // namespace tenon::host
