#include "host/store/TrustStore.h"

#include <gtest/gtest.h>

#include "tests/host/store/CrashSweep.h"

namespace tenon::host {
namespace {

class TrustStoreTest : public testing::Test {
 protected:
  MachineFiles files_;
  TempFolder folder_;
  TrustStore store_{*files_, PackageLayout(folder_.path())};
};

TEST_F(TrustStoreTest, HasNothingBeforeTrustWasBegun) {
  EXPECT_TRUE(store_.roots()->empty());
  EXPECT_TRUE(store_.floors()->releases.empty());
}

TEST_F(TrustStoreTest, KeepsRootsInTheOrderOfTheirVersions) {
  for (const std::uint64_t version : {9U, 10U, 11U}) {
    ASSERT_TRUE(store_.add({version, {"root " + std::to_string(version), "signatures"}}));
  }
  const auto roots = store_.roots().value();
  ASSERT_EQ(roots.size(), 3U);
  EXPECT_EQ(roots[1].version, 10U);
  EXPECT_EQ(roots[1].document.text, "root 10");
  EXPECT_EQ(roots[1].document.signatures, "signatures");
}

TEST_F(TrustStoreTest, SaysThatAStepIsMissing) {
  ASSERT_TRUE(store_.add({1, {"a", "b"}}));
  ASSERT_TRUE(store_.add({3, {"a", "b"}}));
  EXPECT_EQ(store_.roots().error().code(), ErrorCode::StateCorrupt);
}

TEST_F(TrustStoreTest, SaysThatFloorsCannotBeReadAndWhatToDo) {
  folder_.write("trust/floors.json", "{");
  const auto floors = store_.floors();
  EXPECT_EQ(floors.error().code(), ErrorCode::StateCorrupt);
  EXPECT_NE(floors.error().hint().find("backup"), std::string::npos);
}

TEST(TrustStoreCrash, Case53And54RootIsThereWithItsSignaturesOrNotAtAll) {
  const TrustStore::KeptRoot first{1, {"root 1", "signatures 1"}}, second{2, {"root 2", "signatures 2"}};
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& root) { ASSERT_TRUE(TrustStore(files, PackageLayout(root)).add(first)); };
  sweep.act = [&](Files& files, const Path& root) { return TrustStore(files, PackageLayout(root)).add(second); };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto roots = TrustStore(files, PackageLayout(root)).roots();
    ASSERT_TRUE(roots) << roots.error().message();
    ASSERT_GE(roots->size(), done ? 2U : 1U);
    EXPECT_EQ(roots->front().document.text, "root 1");
    if (roots->size() == 2) {
      EXPECT_EQ(roots->back().document.signatures, "signatures 2");
    }
    EXPECT_TRUE(TrustStore(files, PackageLayout(root)).add(second));  // and the next attempt does it
  };
  EXPECT_GT(sweep.run(), 5U);
}

TEST(TrustStoreCrash, Case53And54TheFirstRootIsThereWithItsFoldersOrNotAtAll) {
  const TrustStore::KeptRoot first{1, {"root 1", "signatures 1"}};
  CrashSweep sweep;
  sweep.prepare = [](Files&, const Path&) {};
  sweep.act = [&](Files& files, const Path& root) { return TrustStore(files, PackageLayout(root)).add(first); };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto roots = TrustStore(files, PackageLayout(root)).roots();
    ASSERT_TRUE(roots) << roots.error().message();
    EXPECT_GE(roots->size(), done ? 1U : 0U);
    if (!roots->empty()) {
      EXPECT_EQ(roots->front().document.signatures, "signatures 1");
    }
  };
  EXPECT_GT(sweep.run(), 5U);
}

TEST(TrustStoreCrash, Case53And54FloorsAreTheOldOnesOrTheNewOnes) {
  TrustFloors low, high;
  low.raise({ServiceId::parse("asr").value(), PlatformId::parse("linux-x64").value(), 1, SemVer::parse("1.0.0").value()});
  high.raise({ServiceId::parse("asr").value(), PlatformId::parse("linux-x64").value(), 2, SemVer::parse("1.1.0").value()});
  CrashSweep sweep;
  sweep.prepare = [&](Files& files, const Path& root) { ASSERT_TRUE(TrustStore(files, PackageLayout(root)).write(low)); };
  sweep.act = [&](Files& files, const Path& root) { return TrustStore(files, PackageLayout(root)).write(high); };
  sweep.check = [&](Files& files, const Path& root, bool done) {
    const auto floors = TrustStore(files, PackageLayout(root)).floors();
    ASSERT_TRUE(floors) << floors.error().message();
    const auto text = floors->toJson();
    EXPECT_TRUE(text == high.toJson() || (!done && text == low.toJson())) << text;
  };
  EXPECT_GT(sweep.run(), 3U);
}

}  // namespace
}  // namespace tenon::host
