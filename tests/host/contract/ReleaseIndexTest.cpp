#include "host/contract/release/ReleaseIndex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::host {
namespace {

IndexedRelease listed(const std::string& service, const std::string& version, const std::string& channel = "stable") {
  return {.service = ServiceId::parse(service).value(),
          .version = SemVer::parse(version).value(),
          .channel = channel,
          .sizeBytes = 7,
          .sha256 = {},
          .manifestSha256 = {}};
}

ReleaseIndex listing(std::vector<IndexedRelease> releases) {
  return {.platform = PlatformId::parse("linux-x64").value(),
          .sequence = 418,
          .issued = parseTime("2026-11-24T07:00:00.000Z").value(),
          .expires = parseTime("2026-12-01T07:00:00.000Z").value(),
          .releases = std::move(releases)};
}

Result<IndexedRelease> chosen(const ReleaseIndex& index, const std::string& spec, const std::string& withdrawn = "") {
  return index.choose(ReleaseSpec::parse(spec).value(),
                      [&](const IndexedRelease& each) { return each.version.text() == withdrawn; });
}

TEST(ReleaseIndex, IsReadAsItWasWritten) {
  const std::string text = listing({listed("asr", "1.0.0"), listed("asr", "1.1.0", "beta"), listed("nmt", "0.1.0")}).text();
  const auto read = ReleaseIndex::parse(text);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->text(), text);
  EXPECT_EQ(read->sequence, 418U);
  EXPECT_EQ(formatTime(read->expires), "2026-12-01T07:00:00.000Z");
  EXPECT_EQ(read->releases.size(), 3U);
}

TEST(ReleaseIndex, Case23RefusesWhateverItWouldNotHaveWritten) {
  const std::string text = listing({listed("asr", "1.0.0")}).text();
  const auto refuses = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    const auto at = other.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    other.replace(at, from.size(), to);
    const auto read = ReleaseIndex::parse(other);
    ASSERT_FALSE(read) << other;
    EXPECT_EQ(read.error().code(), ErrorCode::FormatInvalid) << read.error().message();
  };
  refuses("418", "418.0");
  refuses("418", "4.18e2");
  refuses("418", "0");
  refuses("418", "\"418\"");
  refuses("418", "418,\n  \"sequence\": 419");
  refuses("418", "418,\n  \"more\": 1");
  refuses("2026-12-01T07:00:00.000Z", "2026-12-01");
  refuses("2026-12-01T07:00:00.000Z", "2026-13-01T07:00:00.000Z");
  refuses("\"stable\"", "\"Stable\"");
  refuses("\"size_bytes\": 7", "\"size_bytes\": -7");
  refuses("\"size_bytes\": 7", "\"size_bytes\": 18446744073709551616");
  refuses("\"yanked\": false", "\"yanked\": 0");
  refuses("\"yanked\": false", "\"yanked\": false,\n      \"url\": \"http://elsewhere/\"");
  refuses("\n", "\r\n");
  refuses("{", "\xef\xbb\xbf{");
  EXPECT_FALSE(ReleaseIndex::parse(text + "\n"));
  EXPECT_FALSE(ReleaseIndex::parse(listing({listed("asr", "1.1.0"), listed("asr", "1.0.0")}).text()));  // not in order
  EXPECT_FALSE(ReleaseIndex::parse(listing({listed("asr", "1.0.0"), listed("asr", "1.0.0")}).text()));  // twice
}

TEST(ReleaseIndex, Case21AcceptsTheHighestSequenceThereIsAndNoneAbove) {
  ReleaseIndex index = listing({});
  index.sequence = INT64_MAX;
  EXPECT_TRUE(ReleaseIndex::parse(index.text()));
  ++index.sequence;  // 2^63
  EXPECT_FALSE(ReleaseIndex::parse(index.text()));
}

TEST(ReleaseIndex, Case24RefusesADocumentOfAnotherType) {
  std::string text = listing({}).text();
  text.replace(text.find("tenon-index"), 11, "tenon-roots");
  EXPECT_EQ(ReleaseIndex::parse(text).error().code(), ErrorCode::FormatInvalid);
}

TEST(ReleaseIndex, ChoosesTheNewestThatIsOffered) {
  auto index = listing({listed("asr", "1.10.0"), listed("asr", "1.11.0", "beta"), listed("asr", "1.12.0-rc.1"),
                        listed("asr", "1.13.0"), listed("asr", "1.9.0"), listed("nmt", "2.0.0")});
  EXPECT_EQ(chosen(index, "asr")->version.text(), "1.13.0");
  EXPECT_EQ(chosen(index, "asr", "1.13.0")->version.text(), "1.10.0");  // one that a root withdrew is passed over
  index.releases[3].yanked = true;
  EXPECT_EQ(chosen(index, "asr")->version.text(), "1.10.0");
  EXPECT_EQ(chosen(index, "asr@1.11.0")->channel, "beta");
  EXPECT_EQ(chosen(index, "asr@1.12.0-rc.1")->version.text(), "1.12.0-rc.1");
}

TEST(ReleaseIndex, SaysWhatThereIsWhereItHasNotWhatIsWanted) {
  const auto index = listing({listed("asr", "1.0.0"), listed("asr", "1.1.0")});
  const auto missing = chosen(index, "asr@2.0.0");
  EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(missing.error().hint(), testing::HasSubstr("1.0.0, 1.1.0"));
  EXPECT_EQ(chosen(index, "nmt").error().code(), ErrorCode::NotFound);
}

TEST(ReleaseIndex, Case22RefusesAYankedReleaseThatIsAskedForByName) {
  auto index = listing({listed("asr", "1.0.0")});
  index.releases[0].yanked = true;
  EXPECT_EQ(chosen(index, "asr@1.0.0").error().code(), ErrorCode::ReleaseRevoked);
  EXPECT_EQ(chosen(index, "asr").error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace tenon::host
