// What releases take of the disk, share, and give back: prune, the collection of the store, and what is told before.
#include "host/package/disk/Collector.h"
#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

using State = Change::State;
using testing::HasSubstr;

class DiskUseOfAsr : public LifeTest {
 protected:
  Collector& collector() { return agent().with().collector; }
  std::uint64_t storedBytes() {
    std::uint64_t bytes = 0;
    for (const auto& [path, content] : filesUnder(files_, folder_ / "store")) bytes += content.size();
    return bytes;
  }
  // Content on the disk, each file once, however many names it has.
  std::uint64_t bytesOnDisk() {
    std::map<std::string, std::uint64_t> once;
    std::uint64_t others = 0;
    for (const auto& top : {"store", "services/asr/versions"}) {
      for (const auto& [path, content] : filesUnder(files_, folder_ / top)) {
        const bool own = path.ends_with("MANIFEST") || path.ends_with("MANIFEST.sig");
        if (own)
          others += content.size();
        else
          once[sha256(content).hex()] = content.size();
      }
    }
    for (const auto& [hash, size] : once) others += size;
    return others;
  }
};

TEST_F(DiskUseOfAsr, TellsWhatVersionsShare) {
  installed("1.1.0");
  installed("1.2.0");
  const auto disks = collector().diskOf(asr()).value();
  ASSERT_EQ(disks.size(), 2U);
  for (const auto& disk : disks) {
    EXPECT_EQ(disk.withVersions, (DiskUse{1, ReleaseShop::weights().size()}));
    EXPECT_EQ(disk.withServices, DiskUse());
    EXPECT_EQ(disk.alone.files, 5U);  // MANIFEST, its signature, service.json, the program, the words
    EXPECT_EQ(disk.all.bytes, disk.alone.bytes + disk.withVersions.bytes);
  }
}

TEST_F(DiskUseOfAsr, PruneFreesExactlyWhatItSays) {
  installed("1.1.0");
  installed("1.2.0");
  const auto preview = previewPrune(agent().with(), asr()).value();
  ASSERT_EQ(preview.releases.size(), 1U);
  EXPECT_EQ(preview.releases[0].version.text(), "1.1.0");
  const auto before = bytesOnDisk();
  const auto pruned = agent().prune();
  expectEnd(pruned, State::Done);
  EXPECT_THAT(pruned->outcome, HasSubstr("removed 1.1.0"));
  EXPECT_EQ(before - bytesOnDisk(), preview.gain.bytes);
  EXPECT_EQ(disk().installedText(), "1.2.0");
  EXPECT_EQ(disk().previousText(), "");
  EXPECT_EQ(disk().currentText(), "1.2.0 good");
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  expectEnd(agent().rollback(), State::Failed, ErrorCode::NotFound);
  const auto again = agent().prune();
  expectEnd(again, State::Done);
  EXPECT_THAT(again->outcome, HasSubstr("nothing to remove"));
}

TEST_F(DiskUseOfAsr, PruneOfAServiceThatIsNotThereSaysSo) { expectEnd(agent().prune(), State::Failed, ErrorCode::NotFound); }

TEST_F(DiskUseOfAsr, PrunesBesideAnotherServiceWhoseReleaseIsDamaged) {
  installed("1.1.0");
  installed("1.2.0");
  folder_.write("services/tts/versions/1.0.0/linux-x64/MANIFEST", "torn");
  EXPECT_TRUE(previewPrune(agent().with(), asr()));
  expectEnd(agent().prune(), State::Done);
  EXPECT_EQ(disk().installedText(), "1.2.0");
  EXPECT_THAT(agent().eventTypes(), testing::Not(testing::Contains("collect-failed")));
  const auto tts = collector().diskOf(ServiceId::parse("tts").value());
  ASSERT_FALSE(tts);
  EXPECT_EQ(tts.error().code(), ErrorCode::StateCorrupt);
  EXPECT_THAT(tts.error().message(), HasSubstr("services/tts/versions/1.0.0/linux-x64/MANIFEST"));
}

// It holds no lock, and a change may run beside it.
TEST_F(DiskUseOfAsr, APreviewWritesNothing) {
  installed("1.1.0");
  installed("1.2.0");
  ASSERT_TRUE(files_.removeFile(disk().layout().installed()));
  EXPECT_EQ(previewPrune(agent().with(), asr())->releases.size(), 1U);
  EXPECT_FALSE(files_.exists(disk().layout().installed()));
}

TEST_F(DiskUseOfAsr, AThirdReleaseTakesTheFirstOneOutOfTheStore) {
  installed("1.1.0");
  installed("1.2.0");
  EXPECT_EQ(collector().garbage().value(), DiskUse());
  installed("1.3.0");
  EXPECT_EQ(collector().garbage().value(), DiskUse());
  EXPECT_THAT(agent().eventTypes(), testing::Contains("store-collected"));
  EXPECT_EQ(disk().fault(), "");
}

TEST_F(DiskUseOfAsr, RemovingTheServiceEmptiesTheStore) {
  installed("1.1.0");
  EXPECT_GT(storedBytes(), 0U);
  expectEnd(agent().remove(), State::Done);
  EXPECT_EQ(storedBytes(), 0U);
}

TEST_F(DiskUseOfAsr, GarbageIsExactlyWhatCollectingRemoves) {
  installed("1.1.0");
  folder_.write("tree/stray", "of a release that was never installed");
  const ContentStore store(files_, PackageLayout(folder_.path()), &sha256Of);
  const std::string_view stray = "of a release that was never installed";
  ASSERT_TRUE(store.put({sha256(stray), false, stray.size()}, folder_ / "tree/stray"));
  ASSERT_TRUE(files_.removeTree(folder_ / "tree"));
  EXPECT_EQ(collector().garbage().value(), (DiskUse{1, stray.size()}));
  const auto before = storedBytes();
  DiskUse removed;
  collector().collectLater([&](const Result<DiskUse>& told) { removed = told.value(); });
  EXPECT_EQ(removed, (DiskUse{1, stray.size()}));
  EXPECT_EQ(before - storedBytes(), stray.size());
  EXPECT_EQ(disk().fault(), "");
}

// Case 66: whatever is installed while the store is collected is whole, and a file that it put there stays.
TEST_F(DiskUseOfAsr, Case66CollectingBesideAnInstallTakesNothingFromIt) {
  installed("1.1.0");
  publish("1.2.0");
  std::size_t collections = 0;
  world_.hub.beforeDownload = [&] {
    collector().collectLater();
    ++collections;
  };
  expectEnd(agent().upgrade(), State::Done);
  EXPECT_GE(collections, 1U);
  EXPECT_EQ(disk().fault(), "");
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
  EXPECT_EQ(collector().garbage().value(), DiskUse());
}

// What is staged uses its files before anything is current.
TEST_F(DiskUseOfAsr, Case66WhatIsStagedIsNoGarbage) {
  installed("1.1.0");
  const auto release = disk().store.releases(&sha256).value().releases.begin()->second;
  const auto layout = disk().layout();
  ASSERT_TRUE(files_.makeFolders(layout.staging()));
  ASSERT_TRUE(files_.renameNew(layout.release(release), layout.staging() / "1.1.0-linux-x64-0123456789abcdef"));
  ASSERT_TRUE(files_.removeFile(layout.installed()));
  EXPECT_EQ(collector().garbage().value(), DiskUse());
}

}  // namespace
}  // namespace tenon::host
