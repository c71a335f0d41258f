#include "host/trust/Sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

// FIPS 180-2, appendix B.
TEST(Sha256, GivesTheDigestsOfTheStandard) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')).hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotCareHowTheBytesComeInPieces) {
  const std::string bytes(1000, 'x');
  for (const std::size_t piece : {1u, 63u, 64u, 65u, 999u}) {
    Sha256 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece) hash.update(std::string_view(bytes).substr(at, piece));
    EXPECT_EQ(hash.finish(), sha256(bytes)) << "pieces of " << piece;
  }
}

TEST(Sha256, BeginsAnewAfterItsEnd) {
  Sha256 hash;
  hash.update("something");
  static_cast<void>(hash.finish());
  hash.update("abc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Sha256, ReadsAWholeFile) {
  MachineFiles files;
  const TempFolder folder;
  for (const std::size_t size : {0u, 1u, 1u << 20, (1u << 20) + 1}) {
    const std::string bytes(size, 'x');
    const auto file = ReadFile::open(*files, folder.write("a", bytes));
    ASSERT_TRUE(file);
    EXPECT_EQ(*sha256Of(*file), sha256(bytes)) << size;
  }
}

TEST(Sha256, CanBeMoved) {
  Sha256 hash;
  hash.update("ab");
  Sha256 other = std::move(hash);
  other.update("c");
  EXPECT_EQ(other.finish(), sha256("abc"));
}

}  // namespace
}  // namespace tenon::host
