// What collecting the store does beside changes, and beside releases that are damaged.
#include "host/package/disk/Collector.h"

#include <gtest/gtest.h>

#include "host/trust/Sha256.h"
#include "tests/host/package/PackageWorld.h"
#include "tests/support/ForwardingFiles.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

// Calls a test back once, before a listing or the removal of a file.
class WatchedFiles final : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  std::function<bool(const Path&)> isWatched = [](const Path&) { return false; };
  std::function<void()> act;
  bool trashIsBusy = false;

  Result<std::vector<FolderEntry>> list(const Path& path) override { return see(path), ForwardingFiles::list(path); }
  Result<void> removeFile(const Path& path) override { return see(path), ForwardingFiles::removeFile(path); }
  Result<void> removeTree(const Path& path) override {
    if (path.parent().name() == "trash" && trashIsBusy) return Error(ErrorCode::Busy, "something is mounted there");
    return ForwardingFiles::removeTree(path);
  }

 private:
  void see(const Path& path) {
    if (act && isWatched(path)) std::exchange(act, nullptr)();
  }
};

class CollectorTest : public testing::Test {
 protected:
  void install(const std::string& service, const std::string& version) {
    PackageWorld world(folder_.path());
    world.maker.release = releaseNamed(service, version);
    world.maker.files["service.json"].text = serviceJson(service, version);
    world.publish();
    const auto staged = world.take(files_, folder_.write("incoming/" + service + ".zip", world.zipBytes()));
    ASSERT_TRUE(staged) << staged.error().message();
    ASSERT_TRUE(storeOf(service).releases(&sha256));  // writes installed.json, as a change does
    ASSERT_TRUE(files_.removeTree(folder_ / "incoming"));
  }
  InstalledStore storeOf(const std::string& service) { return {files_, layout_.service(ServiceId::parse(service).value())}; }
  void keepInStore(const std::string& content) {
    const auto file = folder_.write("stray", content);
    ASSERT_TRUE(ContentStore(files_, layout_, &sha256Of).put({sha256(content), false, content.size()}, file));
    ASSERT_TRUE(files_.removeFile(file));
  }
  static std::string tree(const std::string& service, const std::string& version) {
    return "services/" + service + "/versions/" + version + "/linux-x64/";
  }
  void damage(const std::string& file, const std::string& content) {
    ASSERT_TRUE(files_.removeFile(folder_ / file));  // its name in the store stays as it is
    folder_.write(file, content);
  }
  void isTold(const std::string& service, const std::string& file) {
    const auto disks = collector_.diskOf(ServiceId::parse(service).value());
    ASSERT_FALSE(disks);
    EXPECT_EQ(disks.error().code(), ErrorCode::StateCorrupt) << disks.error().message();
    EXPECT_NE(disks.error().message().find(file), std::string::npos) << disks.error().message();
  }

  TempFolder folder_;
  MachineFiles machine_;
  WatchedFiles files_{*machine_};
  PackageLayout layout_{folder_.path()};
  Collector collector_{files_, layout_, &sha256, [](const std::function<void()>& work) { work(); }};
};

TEST_F(CollectorTest, RunsOnceMoreForWhoAsksWhileItRuns) {
  keepInStore("garbage from the start");
  files_.isWatched = [](const Path& path) { return path.parent().parent().name() == "store"; };  // by then it has looked
  std::vector<std::uint64_t> removed;
  const auto note = [&](const Result<DiskUse>& told) { removed.push_back(told.value().files); };
  files_.act = [&] {
    keepInStore("garbage made meanwhile");
    collector_.collectLater(note);
    EXPECT_TRUE(collector_.isCollecting());
  };
  collector_.collectLater(note);
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
  EXPECT_EQ(removed, (std::vector<std::uint64_t>{1, 1}));
  EXPECT_FALSE(collector_.isCollecting());
  keepInStore("garbage after all that");
  collector_.collectLater(note);
  EXPECT_EQ(removed.size(), 3U);
}

TEST_F(CollectorTest, DeletesWhatWasRemovedAndWhatThatAloneHad) {
  install("asr", "1.0.0");
  const auto store = storeOf("asr");
  const auto releases = collector_.releasesOf(ServiceId::parse("asr").value()).value();
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_FALSE(collector_.hasTrash());
  ASSERT_TRUE(store.removeRelease(releases.front()));
  EXPECT_FALSE(folder_.exists("services/asr/versions/1.0.0"));
  EXPECT_TRUE(collector_.hasTrash());
  EXPECT_GT(collector_.garbage().value().files, 0U) << "nothing counts as used for being in the trash";
  collector_.collectLater();
  EXPECT_FALSE(collector_.hasTrash());
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
}

TEST_F(CollectorTest, ATreeThatCannotBeDeletedIsToldAndKeepsNothingElse) {
  install("asr", "1.0.0");
  ASSERT_TRUE(storeOf("asr").removeRelease(collector_.releasesOf(ServiceId::parse("asr").value()).value().front()));
  const auto held = collector_.garbage().value();  // that tree links to it
  keepInStore("garbage beside it");
  files_.trashIsBusy = true;
  std::optional<Error> told;
  collector_.collectLater([&](const Result<DiskUse>& removed) { told = removed.error(); });
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code(), ErrorCode::Busy);
  EXPECT_EQ(collector_.garbage().value(), held);
  EXPECT_TRUE(collector_.hasTrash());
  files_.trashIsBusy = false;
  collector_.collectLater();
  EXPECT_FALSE(collector_.hasTrash());
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
}

// A service that is removed for good while its releases are looked at.
TEST_F(CollectorTest, MakesNothingAgainThatWentWhileItLooked) {
  install("asr", "1.0.0");
  const auto versions = layout_.service(ServiceId::parse("asr").value()).versions();
  files_.isWatched = [versions](const Path& path) { return path == versions; };
  files_.act = [&] { ASSERT_TRUE(files_.removeTree(folder_ / "services/asr")); };
  EXPECT_TRUE(collector_.garbage());
  EXPECT_FALSE(files_.act);
  EXPECT_FALSE(folder_.exists("services/asr"));
}

TEST_F(CollectorTest, WritesNothingToLook) {
  install("asr", "1.0.0");
  ASSERT_TRUE(files_.removeFile(folder_ / "services/asr/installed.json"));
  const auto asr = ServiceId::parse("asr").value();
  ASSERT_EQ(collector_.diskOf(asr)->size(), 1U);
  EXPECT_EQ(collector_.releasesOf(asr).value().at(0), collector_.diskOf(asr)->at(0).release);
  EXPECT_FALSE(folder_.exists("services/asr/installed.json"));
  EXPECT_EQ(storeOf("asr").releases(&sha256)->releases.begin()->second, collector_.releasesOf(asr)->at(0));
}

TEST_F(CollectorTest, ServesTheOthersWhereOneReleaseIsDamaged) {
  const std::vector<std::pair<std::string, std::string>> damages{{"MANIFEST", "torn"}, {"service.json", "{"}};
  for (const auto& [file, content] : damages) {
    SCOPED_TRACE(file);
    install("asr", "1.0.0");
    install("tts", "1.0.0");
    damage(tree("tts", "1.0.0") + file, content);
    isTold("tts", folder_.text() + "/" + tree("tts", "1.0.0") + file);
    const auto asr = ServiceId::parse("asr").value();
    const auto disks = collector_.diskOf(asr);
    ASSERT_TRUE(disks) << disks.error().message();
    EXPECT_TRUE(collector_.gainOf(asr, {disks->at(0).release}));
    ASSERT_TRUE(files_.removeTree(folder_ / "services"));
  }
}

TEST_F(CollectorTest, KnowsAReleaseWithoutItsManifestAsDamaged) {
  install("tts", "1.0.0");
  ASSERT_TRUE(files_.removeFile(folder_ / (tree("tts", "1.0.0") + "MANIFEST")));
  isTold("tts", tree("tts", "1.0.0") + "MANIFEST");
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
}

TEST_F(CollectorTest, ToldOfAnIdentityThatIsDamaged) {
  PackageWorld world(folder_.path());
  world.withManifest = false;
  world.publish();
  ASSERT_TRUE(world.fetch(files_));
  damage("services/asr/versions/1.3.0/linux-x64.identity", "{");
  ASSERT_TRUE(files_.removeTree(folder_ / "services/asr/installed.json"));
  isTold("asr", "linux-x64.identity");
  EXPECT_TRUE(collector_.garbage());
}

// Where links can be counted they speak for a file as well; what is found as garbage must not need them.
TEST_F(CollectorTest, TakesNothingThatADamagedReleaseMightUse) {
  install("tts", "1.0.0");
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
  damage(tree("tts", "1.0.0") + "MANIFEST", "torn");
  EXPECT_EQ(collector_.garbage().value(), DiskUse());
  const std::string stray(12'345, 's');  // no file in the tree has this size
  keepInStore(stray);
  EXPECT_EQ(collector_.garbage().value(), (DiskUse{1, stray.size()}));
}

}  // namespace
}  // namespace tenon::host
