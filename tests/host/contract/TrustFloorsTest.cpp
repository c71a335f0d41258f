#include "host/contract/TrustFloors.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

ReleaseFloor floorOf(const std::string& version, std::uint64_t sequence, const std::string& platform = "linux-x64") {
  return {ServiceId::parse("asr").value(), PlatformId::parse(platform).value(), sequence, SemVer::parse(version).value()};
}

TEST(TrustFloors, AreReadAsTheyWereWritten) {
  TrustFloors floors;
  floors.raise(floorOf("1.2.0", UINT64_MAX));
  floors.put({.platform = PlatformId::parse("linux-x64").value(),
              .sequence = 418,
              .sha256 = {},
              .issued = parseTime("2026-11-24T07:00:00.000Z").value(),
              .signedBy = {"a", "b"}});
  const auto read = TrustFloors::parse(floors.toJson());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->toJson(), floors.toJson());
  EXPECT_EQ(read->releases.front().sequence, UINT64_MAX);
}

TEST(TrustFloors, CompareBySequenceAndThenByVersion) {
  EXPECT_TRUE(floorOf("9.0.0", 3).isBelow(floorOf("1.0.0", 4)));
  EXPECT_TRUE(floorOf("1.9.0", 4).isBelow(floorOf("1.10.0", 4)));
  EXPECT_FALSE(floorOf("1.10.0", 4).isBelow(floorOf("1.10.0", 4)));
}

TEST(TrustFloors, OnlyRise) {
  TrustFloors floors;
  EXPECT_TRUE(floors.raise(floorOf("1.1.0", 2)));
  EXPECT_FALSE(floors.raise(floorOf("1.0.0", 1)));
  EXPECT_FALSE(floors.raise(floorOf("1.1.0", 2)));
  EXPECT_TRUE(floors.raise(floorOf("1.0.0", 1, "windows-x64")));  // each platform has its own
  EXPECT_TRUE(floors.raise(floorOf("1.1.1", 2)));
  EXPECT_EQ(floors.releases.size(), 2U);
  EXPECT_TRUE(floors.knows(ServiceId::parse("asr").value()));
  EXPECT_FALSE(floors.knows(ServiceId::parse("nmt").value()));
}

TEST(TrustFloors, ThatCannotBeReadAreCorrupt) {
  for (const std::string text : {"", "{}", "[]", R"({"indexes":[],"releases":[{"service":"asr"}]})",
                                 R"({"indexes":[{"platform":"linux-x64","sequence":4}],"releases":[]})"}) {
    EXPECT_EQ(TrustFloors::parse(text).error().code(), ErrorCode::StateCorrupt) << text;
  }
}

}  // namespace
}  // namespace tenon::host
