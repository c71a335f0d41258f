#include "host/store/InstalledStore.h"

#include "tests/host/store/StoreSamples.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class InstalledStoreTest : public testing::Test {
 protected:
  InstalledStoreTest() : store_(*files_, ServiceLayout(folder_.path(), folder_ / "trash")) {}

  void install(const std::string& version, const std::string& manifest = "manifest") {
    folder_.write("versions/" + version + "/linux-x64/MANIFEST", manifest);
    folder_.write("versions/" + version + "/linux-x64/app/main.py", "print()");
  }
  InstalledIndex releases() {
    auto releases = store_.releases(&sha256);
    EXPECT_TRUE(releases) << releases.error().message();
    return releases.value_or(InstalledIndex());
  }

  TempFolder folder_;
  MachineFiles files_;
  InstalledStore store_;
};

TEST_F(InstalledStoreTest, KnowsNothingOfAnEmptyFolderAndWritesNothingThere) {
  EXPECT_TRUE(releases().releases.empty());
  EXPECT_FALSE(folder_.exists("installed.json"));
}

TEST_F(InstalledStoreTest, Case58RebuildsALostIndexFromTheTree) {
  install("1.2.0", "older");
  install("1.3.0");
  const auto found = releases();
  ASSERT_EQ(found.releases.size(), 2U);
  EXPECT_EQ(found.releases.at("1.3.0::linux-x64"), releaseOf("1.3.0"));
  EXPECT_EQ(found.releases.at("1.2.0::linux-x64"), releaseOf("1.2.0", "older"));
  EXPECT_TRUE(InstalledIndex::parse(folder_.read("installed.json")));
}

TEST_F(InstalledStoreTest, Case58RebuildsACorruptIndex) {
  install("1.3.0");
  for (const auto* text : {"", "{", "[]", "{\"1.3.0::linux-x64\": 7}"}) {
    folder_.write("installed.json", text);
    EXPECT_EQ(releases().releases.size(), 1U) << text;
    EXPECT_TRUE(InstalledIndex::parse(folder_.read("installed.json"))) << text;
  }
}

TEST_F(InstalledStoreTest, BelievesTheTreeWhereTheIndexSaysOtherwise) {
  install("1.3.0");
  InstalledIndex stale;
  const auto gone = releaseOf("1.1.0");
  stale.releases.emplace(InstalledIndex::key(gone), gone);
  ASSERT_TRUE(store_.write(stale));
  const auto found = releases();
  ASSERT_EQ(found.releases.size(), 1U);
  EXPECT_TRUE(found.releases.contains("1.3.0::linux-x64"));
}

TEST_F(InstalledStoreTest, TakesTheIdentityBesideATreeWithoutManifest) {
  folder_.write("versions/2.0.0/linux-x64/service.json", "{}");
  const auto release = releaseOf("2.0.0", "the zip");
  ASSERT_TRUE(store_.writeIdentity(release));
  EXPECT_EQ(releases().releases.at("2.0.0::linux-x64"), release);
  EXPECT_FALSE(folder_.exists("versions/2.0.0/linux-x64/2.0.0.identity"));
}

TEST_F(InstalledStoreTest, TakesAFolderWithoutIdentityForNoRelease) {
  folder_.write("versions/2.0.0/linux-x64/service.json", "{}");
  folder_.write("versions/notes/readme", "mine");
  folder_.write("versions/2.0.0/stray", "file");
  EXPECT_TRUE(releases().releases.empty());
}

TEST_F(InstalledStoreTest, SaysThatAnIdentityCannotBeRead) {
  folder_.write("versions/2.0.0/linux-x64/service.json", "{}");
  folder_.write("versions/2.0.0/linux-x64.identity", "{\"sha256\":\"abc\"}");
  const auto found = store_.releases(&sha256);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::StateCorrupt);
}

TEST_F(InstalledStoreTest, ReadsBackTheSmallRecords) {
  EXPECT_TRUE(store_.wanted().value().running);
  ASSERT_TRUE(store_.write(WantedState{false}));
  EXPECT_FALSE(store_.wanted().value().running);

  ServicePolicy policy;
  policy.env["LOG_LEVEL"] = "debug";
  ASSERT_TRUE(store_.write(policy));
  EXPECT_EQ(store_.policy().value().env, policy.env);

  EXPECT_TRUE(store_.refused().value().releases.empty());
  const auto bad = releaseOf("1.4.0");
  ASSERT_TRUE(store_.write(RefusedReleases{{{bad.version, bad.platform, bad.manifestSha256, "health-timeout", 7}}}));
  EXPECT_TRUE(store_.refused().value().contains(bad.manifestSha256));

  EXPECT_FALSE(store_.journal().value());
  ASSERT_TRUE(store_.write(JournalRecord{7, "install", bad, "1.4.0-linux-x64-0123456789abcdef"}));
  ASSERT_TRUE(store_.journal().value());
  EXPECT_EQ(store_.journal().value()->to, bad);
  ASSERT_TRUE(store_.dropJournal());
  EXPECT_FALSE(store_.journal().value());
  EXPECT_TRUE(store_.dropJournal());
}

TEST_F(InstalledStoreTest, SaysWhichRecordIsCorrupt) {
  folder_.write("wanted.json", "{");
  folder_.write("journal.json", "7");
  const auto wanted = store_.wanted();
  ASSERT_FALSE(wanted);
  EXPECT_EQ(wanted.error().code(), ErrorCode::StateCorrupt);
  EXPECT_NE(wanted.error().message().find("wanted.json"), std::string::npos);
  EXPECT_EQ(store_.journal().error().code(), ErrorCode::StateCorrupt);
}

TEST_F(InstalledStoreTest, KeepsPlansByRelease) {
  const auto release = releaseOf("1.3.0");
  EXPECT_EQ(store_.plan(release).error().code(), ErrorCode::NotFound);
  LaunchPlan plan;
  plan.driver = "argv";
  plan.driverVersion = "1.0.0";
  plan.program = "bin/run";
  ASSERT_TRUE(store_.write(release, plan));
  EXPECT_EQ(store_.plan(release).value().program, "bin/run");
}

TEST_F(InstalledStoreTest, RemovesAReleaseAndLeavesTheOther) {
  install("1.2.0", "older");
  install("1.3.0");
  LaunchPlan plan;
  plan.driver = "argv";
  plan.driverVersion = "1.0.0";
  plan.program = "bin/run";
  ASSERT_TRUE(store_.write(releaseOf("1.3.0"), plan));
  EXPECT_EQ(releases().releases.size(), 2U);
  ASSERT_TRUE(store_.removeRelease(releaseOf("1.3.0")));
  EXPECT_FALSE(folder_.exists("versions/1.3.0"));
  EXPECT_FALSE(folder_.exists("plans/1.3.0-linux-x64.json"));
  EXPECT_FALSE(folder_.exists("_staging"));
  EXPECT_EQ(releases().releases.size(), 1U);
  EXPECT_TRUE(folder_.exists("versions/1.2.0/linux-x64/app/main.py"));
  EXPECT_TRUE(store_.removeRelease(releaseOf("1.3.0")));
}

// A service's folder may lie on another disk than the node's trash.
struct TrashOnAnotherDisk : ForwardingFiles {
  using ForwardingFiles::ForwardingFiles;
  Result<void> renameNew(const Path& from, const Path& to) override {
    if (to.parent().name() == "trash") return Error(ErrorCode::IoError, "another disk");
    return ForwardingFiles::renameNew(from, to);
  }
};

TEST_F(InstalledStoreTest, RemovesAReleaseWhereTheTrashIsOutOfReach) {
  TrashOnAnotherDisk files(*files_);
  install("1.2.0", "older");
  install("1.3.0");
  ASSERT_TRUE(InstalledStore(files, store_.layout()).removeRelease(releaseOf("1.3.0")));
  EXPECT_FALSE(folder_.exists("versions/1.3.0"));
  EXPECT_FALSE(folder_.exists("_staging"));
  EXPECT_TRUE(folder_.exists("versions/1.2.0/linux-x64/app/main.py"));
}

// Nobody waits for the many files of an install that came to nothing.
TEST_F(InstalledStoreTest, PutsWhatIsStagedInTheTrash) {
  folder_.write("_staging/1.4.0-linux-x64-0123456789abcdef/app/half", "ha");
  ASSERT_TRUE(store_.emptyStaging());
  EXPECT_FALSE(folder_.exists("_staging"));
  const auto trees = files_->list(folder_ / "trash").value();
  ASSERT_EQ(trees.size(), 1U);
  EXPECT_TRUE(folder_.exists("trash/" + trees[0].name + "/1.4.0-linux-x64-0123456789abcdef/app/half"));
  ASSERT_TRUE(store_.emptyStaging());
  ASSERT_TRUE(files_->makeFolder(0, (folder_ / "_staging").text(), {}));
  ASSERT_TRUE(store_.emptyStaging());
  EXPECT_FALSE(folder_.exists("_staging"));
  EXPECT_EQ(files_->list(folder_ / "trash").value().size(), 1U) << "an empty folder goes at once";
}

TEST_F(InstalledStoreTest, DeletesWhatIsStagedWhereTheTrashIsOutOfReach) {
  TrashOnAnotherDisk files(*files_);
  folder_.write("_staging/1.4.0-linux-x64-0123456789abcdef/app/half", "ha");
  ASSERT_TRUE(InstalledStore(files, store_.layout()).emptyStaging());
  EXPECT_FALSE(folder_.exists("_staging"));
  EXPECT_TRUE(files_->list(folder_ / "trash").value().empty());
}

TEST_F(InstalledStoreTest, ForgetsTheHashOfARemovedRelease) {
  install("1.3.0", "first");
  releases();
  ASSERT_TRUE(store_.removeRelease(releaseOf("1.3.0", "first")));
  install("1.3.0", "second");
  EXPECT_EQ(releases().releases.at("1.3.0::linux-x64"), releaseOf("1.3.0", "second"));
}

TEST_F(InstalledStoreTest, LeavesTheOtherPlatformOfAVersion) {
  install("1.3.0");
  folder_.write("versions/1.3.0/linux-arm64/MANIFEST", "arm");
  ASSERT_TRUE(store_.removeRelease(releaseOf("1.3.0")));
  EXPECT_TRUE(folder_.exists("versions/1.3.0/linux-arm64/MANIFEST"));
  EXPECT_FALSE(folder_.exists("versions/1.3.0/linux-x64"));
}

TEST_F(InstalledStoreTest, SweepsWhatACrashLeaves) {
  install("1.3.0");
  folder_.write("_staging/1.4.0-linux-x64-0123456789abcdef/app/half", "ha");
  folder_.write(".current.json.0123456789abcdef.tmp", "{");
  folder_.write("plans/.x.json.0123456789abcdef.tmp", "{");
  folder_.write("versions/1.4.0/linux-x64.identity", "{}");
  folder_.write("versions/1.4.0/.linux-x64.identity.0123456789abcdef.tmp", "{");
  folder_.write("data/keep", "the service's own");
  ASSERT_TRUE(store_.clearStaging());
  for (const auto* name :
       {"_staging", ".current.json.0123456789abcdef.tmp", "plans/.x.json.0123456789abcdef.tmp", "versions/1.4.0"}) {
    EXPECT_FALSE(folder_.exists(name)) << name;
  }
  EXPECT_TRUE(folder_.exists("versions/1.3.0/linux-x64/MANIFEST"));
  EXPECT_TRUE(folder_.exists("data/keep"));
  EXPECT_TRUE(store_.clearStaging());
}

TEST(ListServices, NamesServicesAndLeavesForeignNamesAlone) {
  const TempFolder root;
  MachineFiles files;
  EXPECT_TRUE(listServices(*files, PackageLayout(root.path())).value().empty());
  root.write("services/tts/installed.json", "{}");
  root.write("services/asr/installed.json", "{}");
  root.write("services/UPPER/installed.json", "{}");
  root.write("services/file", "x");
  const auto found = listServices(*files, PackageLayout(root.path())).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].text(), "asr");
  EXPECT_EQ(found[1].text(), "tts");
}

}  // namespace
}  // namespace tenon::host
