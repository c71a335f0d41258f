// When downloads that broke off end.
#include "host/package/fetch/DownloadCache.h"

#include <gtest/gtest.h>

#include "host/trust/Sha256.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

class DownloadCacheTest : public testing::Test {
 protected:
  static ServiceId id(const std::string& text) { return ServiceId::parse(text).value(); }
  static Digest hash(const std::string& of) { return sha256(of); }
  // What a package that broke off leaves.
  void leave(const std::string& service, const std::string& name) {
    folder_.write("cache/" + service + "/" + name + ".part", "bytes");
    folder_.write("cache/" + service + "/" + name + ".part.json", "{}");
  }
  bool exists(const std::string& path) const { return folder_.exists("cache/" + path); }

  TempFolder folder_;
  MachineFiles files_;
  DownloadCache cache_{*files_, PackageLayout(folder_.path())};
};

TEST_F(DownloadCacheTest, OfPackagesThatBrokeOffTheLastOneOfAServiceStays) {
  leave("asr", hash("old").hex() + ".zip");
  leave("asr", hash("model").hex() + ".model");
  leave("asr.b", hash("old").hex() + ".zip");
  leave("asr", hash("new").hex() + ".zip");
  const auto place = cache_.package(id("asr"), hash("new"));
  ASSERT_TRUE(place) << place.error().message();
  EXPECT_EQ(place->text(), (folder_ / ("cache/asr/" + hash("new").hex() + ".zip")).text());
  EXPECT_FALSE(exists("asr/" + hash("old").hex() + ".zip.part"));
  EXPECT_FALSE(exists("asr/" + hash("old").hex() + ".zip.part.json"));
  EXPECT_TRUE(exists("asr/" + hash("new").hex() + ".zip.part"));
  EXPECT_TRUE(exists("asr/" + hash("model").hex() + ".model.part"));
  EXPECT_TRUE(exists("asr.b/" + hash("old").hex() + ".zip.part"));
}

TEST_F(DownloadCacheTest, SweepingTakesAllButWhatIsOnItsWay) {
  leave("asr", hash("a").hex() + ".zip");
  leave("lexicon", hash("b").hex() + ".zip");
  const auto lexicon = id("lexicon");
  {
    const DownloadCache::Use use(cache_, lexicon);
    EXPECT_EQ(cache_.left().value(), (DiskUse{2, 7}));
    EXPECT_TRUE(exists("asr"));
    EXPECT_EQ(cache_.sweep().value(), (DiskUse{2, 7}));
    EXPECT_FALSE(exists("asr"));
    EXPECT_TRUE(exists("lexicon/" + hash("b").hex() + ".zip.part"));
  }
  EXPECT_TRUE(exists("lexicon"));  // for a resume
  EXPECT_EQ(cache_.sweep().value(), (DiskUse{2, 7}));
  EXPECT_FALSE(exists("lexicon"));
  EXPECT_EQ(cache_.sweep().value(), DiskUse{});
}

TEST_F(DownloadCacheTest, ADownloadThatLeavesNothingLeavesNoFolder) {
  const auto asr = id("asr");
  {
    const DownloadCache::Use use(cache_, asr);
    ASSERT_TRUE(cache_.package(asr, hash("a")));
    EXPECT_TRUE(exists("asr"));
  }
  EXPECT_FALSE(exists("asr"));
}

TEST_F(DownloadCacheTest, AnAgentThatStartsKeepsWhatCanBeResumedAlone) {
  leave("asr", hash("a").hex() + ".zip");
  folder_.write("cache/asr/.note.0123456789abcdef.tmp", "half");
  folder_.write("cache/" + hash("a").hex() + ".zip.part", "from when downloads had no folder of their service");
  ASSERT_TRUE(cache_.recover());
  EXPECT_TRUE(exists("asr/" + hash("a").hex() + ".zip.part"));
  EXPECT_FALSE(exists("asr/.note.0123456789abcdef.tmp"));
  EXPECT_FALSE(exists(hash("a").hex() + ".zip.part"));
}

}  // namespace
}  // namespace tenon::host
