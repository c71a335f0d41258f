#include "host/pack/zip/ZipFormat.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

std::uint64_t number(const std::string& bytes, std::size_t at, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes.at(at + i))} << (8 * i);
  return value;
}

constexpr std::uint64_t kLarge = 5'000'000'000;

TEST(ZipFormat, WritesNoZip64WhereNothingNeedsIt) {
  const ZipHeader header{
      .name = "a", .kind = ManifestFile::Kind::Plain, .crc32 = 7, .size = kZip64From - 1, .packedBytes = kZip64From - 1};
  EXPECT_EQ(localHeader(header).size(), 31u);
  EXPECT_EQ(centralHeader(header).size(), 47u);
  EXPECT_EQ(number(localHeader(header), 4, 2), 20u);
  EXPECT_EQ(endOfZip(65'534, 1000, 1000).size(), 22u);
}

TEST(ZipFormat, PutsLargeSizesIntoBothRecords) {
  const ZipHeader header{.name = "a", .deflated = true, .size = kLarge, .packedBytes = 77};
  const std::string local = localHeader(header), central = centralHeader(header);
  EXPECT_EQ(number(local, 4, 2), 45u);
  EXPECT_EQ(number(local, 18, 4), kZip64From);
  EXPECT_EQ(number(local, 22, 4), kZip64From);
  EXPECT_EQ(number(local, 28, 2), 20u);
  EXPECT_EQ(number(local, 31, 2), 1u);
  EXPECT_EQ(number(local, 33, 2), 16u);
  EXPECT_EQ(number(local, 35, 8), kLarge);
  EXPECT_EQ(number(local, 43, 8), 77u);
  EXPECT_EQ(central.substr(6, 26).substr(0, 24), local.substr(4, 24));
  EXPECT_EQ(central.substr(47), local.substr(31));
}

TEST(ZipFormat, PutsALargeOffsetIntoTheDirectoryAlone) {
  const ZipHeader header{.name = "a", .size = 5, .packedBytes = 5, .offset = kLarge};
  const std::string local = localHeader(header), central = centralHeader(header);
  EXPECT_EQ(local.size(), 31u);
  EXPECT_EQ(number(local, 4, 2), number(central, 6, 2)) << "the two must ask for the same version";
  EXPECT_EQ(number(central, 42, 4), kZip64From);
  EXPECT_EQ(central.size(), 46u + 1 + 4 + 8);
  EXPECT_EQ(number(central, 51, 8), kLarge);
}

TEST(ZipFormat, KeepsSizesAndOffsetTogetherWhereAllAreLarge) {
  const ZipHeader header{.name = "a", .size = kLarge, .packedBytes = kLarge, .offset = kLarge + 1};
  const std::string central = centralHeader(header);
  EXPECT_EQ(number(central, 49, 2), 24u);
  EXPECT_EQ(number(central, 51 + 16, 8), kLarge + 1);
  EXPECT_EQ(localHeader(header).size(), 31u + 20);
}

TEST(ZipFormat, EndsWithZip64WhereCountOrPlaceNeedIt) {
  for (const std::string& end : {endOfZip(65'535, 1000, 50), endOfZip(3, kLarge, 50), endOfZip(200'000, 1000, 50)}) {
    ASSERT_EQ(end.size(), 56u + 20 + 22);
    EXPECT_EQ(number(end, 0, 4), 0x06064b50u);
    EXPECT_EQ(number(end, 56, 4), 0x07064b50u);
    EXPECT_EQ(number(end, 76, 4), 0x06054b50u);
    EXPECT_EQ(number(end, 64, 8), number(end, 48, 8) + number(end, 40, 8)) << "the locator points behind the directory";
  }
  EXPECT_EQ(number(endOfZip(200'000, 1000, 50), 32, 8), 200'000u);
  EXPECT_EQ(number(endOfZip(200'000, 1000, 50), 76 + 10, 2), 0xffffu);
  EXPECT_EQ(number(endOfZip(3, kLarge, 50), 76 + 16, 4), kZip64From);
}

TEST(ZipFormat, MarksNamesBeyondAsciiAsUtf8) {
  EXPECT_EQ(number(localHeader({.name = "a"}), 6, 2), 0u);
  EXPECT_EQ(number(localHeader({.name = "\u4e2d"}), 6, 2), 0x800u);
  EXPECT_EQ(number(centralHeader({.name = "\u4e2d"}), 8, 2), 0x800u);
}

TEST(ZipFormat, KeepsTheKindInTheUnixMode) {
  const auto mode = [](ManifestFile::Kind kind) { return number(centralHeader({.name = "a", .kind = kind}), 40, 2); };
  EXPECT_EQ(mode(ManifestFile::Kind::Plain), 0100644u);
  EXPECT_EQ(mode(ManifestFile::Kind::Executable), 0100755u);
  EXPECT_EQ(mode(ManifestFile::Kind::Symlink), 0120777u);
}

}  // namespace
}  // namespace tenon::host
