#include "host/package/zip/ZipEntryReader.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/host/package/ZipMaker.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

// Neither all alike nor quite random: packs to about a half. Blocks differ, so that none can stand for another.
std::string sample(std::size_t bytes) {
  std::minstd_rand random(7);
  std::string block(64 << 10, '\0'), text;
  for (auto& c : block) c = static_cast<char>('a' + random() % 16);
  for (std::size_t i = 0; text.size() < bytes; ++i) text += block.replace(0, 4, littleEndian(i, 4));
  text.resize(bytes);
  return text;
}

class ZipEntryReaderTest : public testing::Test {
 protected:
  // What the first entry of the zip gives.
  Result<std::string> read(const MadeZip& zip, ZipEntryReader::Check check = ZipEntryReader::Check::Crc) {
    folder_.write("x.zip", zip.bytes());
    TENON_TRY(const auto file, ReadFile::open(*files_, folder_ / "x.zip"));
    TENON_TRY(const auto directory, ZipDirectory::read(file, ZipRules::Strict));
    std::string content;
    largestPiece_ = 0;
    TENON_CHECK(ZipEntryReader(file).read(directory.entries().at(0), check, [&](std::string_view piece) -> Result<void> {
      largestPiece_ = std::max(largestPiece_, piece.size());
      content += piece;
      return {};
    }));
    return content;
  }
  static MadeZip one(std::string content, bool deflate) {
    MadeZip zip;
    zip.entries.emplace_back();
    zip.entries[0].name = "a";
    zip.entries[0].content = std::move(content);
    zip.entries[0].deflate = deflate;
    return zip;
  }
  void invalid(const MadeZip& zip, const std::string& why) {
    const auto content = read(zip, ZipEntryReader::Check::SizeOnly);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code(), ErrorCode::ArchiveInvalid);
    EXPECT_NE(content.error().message().find(why), std::string::npos) << content.error().message();
  }

  TempFolder folder_;
  MachineFiles files_;
  std::size_t largestPiece_ = 0;
};

TEST_F(ZipEntryReaderTest, GivesBackWhatWasPackedAtEverySize) {
  for (const std::size_t bytes :
       {0U, 1U, 1000U, (1U << 20) - 1, 1U << 20, (1U << 20) + 1, (8U << 20), (8U << 20) + 1, 9U << 20}) {
    for (const bool deflate : {false, true}) {
      const auto content = sample(bytes);
      const auto read = this->read(one(content, deflate));
      ASSERT_TRUE(read) << bytes << ": " << read.error().message();
      EXPECT_TRUE(*read == content) << bytes;
      EXPECT_LE(largestPiece_, 8U << 20);
    }
  }
}

TEST_F(ZipEntryReaderTest, ChecksTheCrcWhereItIsAsked) {
  for (const std::size_t bytes : {100U, 9U << 20}) {
    for (const bool deflate : {false, true}) {
      auto zip = one(sample(bytes), deflate);
      zip.entries[0].crc = zip.entries[0].localCrc = 1;
      const auto read = this->read(zip);
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code(), ErrorCode::ArchiveInvalid);
      EXPECT_TRUE(this->read(zip, ZipEntryReader::Check::SizeOnly));
    }
  }
}

// Small: in one go; large: as a stream. Both must see the same faults.
TEST_F(ZipEntryReaderTest, SeesContentOfAnotherSize) {
  for (const std::size_t bytes : {1000U, 9U << 20}) {
    auto zip = one(sample(bytes), true);
    zip.entries[0].size = static_cast<std::uint32_t>(bytes - 1);
    invalid(zip, "more than it says");
    zip.entries[0].size = static_cast<std::uint32_t>(bytes + 1);
    invalid(zip, "less than it says");
  }
}

TEST_F(ZipEntryReaderTest, SeesBrokenDeflateData) {
  for (const std::size_t bytes : {1000U, 9U << 20}) {
    auto zip = one(sample(bytes), true);
    auto packed = deflated(zip.entries[0].content);
    zip.entries[0].data = packed.substr(0, packed.size() / 2);
    invalid(zip, "broken");
    zip.entries[0].data = packed + "tail";
    invalid(zip, "bytes after the end");
    packed[packed.size() / 2] = static_cast<char>(~packed[packed.size() / 2]);
    zip.entries[0].data = packed;
    EXPECT_FALSE(read(zip));
  }
}

TEST_F(ZipEntryReaderTest, StopsWhereTheSinkFails) {
  folder_.write("x.zip", one(sample(9 << 20), false).bytes());
  const auto file = ReadFile::open(*files_, folder_ / "x.zip").value();
  const auto directory = ZipDirectory::read(file, ZipRules::Strict).value();
  int pieces = 0;
  const auto read =
      ZipEntryReader(file).read(directory.entries()[0], ZipEntryReader::Check::Crc, [&](std::string_view) -> Result<void> {
        return ++pieces == 2 ? Result<void>(Error(ErrorCode::DiskFull, "full")) : Result<void>();
      });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::DiskFull);
  EXPECT_EQ(pieces, 2);
}

TEST_F(ZipEntryReaderTest, ReadsSmallEntriesUpToALimit) {
  folder_.write("x.zip", one("hello", true).bytes());
  const auto file = ReadFile::open(*files_, folder_ / "x.zip").value();
  const auto directory = ZipDirectory::read(file, ZipRules::Strict).value();
  EXPECT_EQ(readSmallEntry(file, directory.entries()[0], 5).value(), "hello");
  EXPECT_EQ(readSmallEntry(file, directory.entries()[0], 4).error().code(), ErrorCode::ArchiveLimit);
}

}  // namespace
}  // namespace tenon::host
