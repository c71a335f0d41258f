#include "host/pack/Deflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/host/pack/ServiceFolder.h"

namespace tenon::host {
namespace {

std::string inflated(const std::string& packed, std::size_t size) {
  std::string text(size, '\0'), in = packed;
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  inflateEnd(&stream);
  return text;
}

TEST(Deflate, PacksWhatGetsSmaller) {
  const std::string text = words(100'000);
  const auto packed = Deflater().deflate(text);
  ASSERT_TRUE(packed);
  EXPECT_LT(packed->size(), text.size() / 3);
  EXPECT_EQ(inflated(*packed, text.size()), text);
}

TEST(Deflate, LeavesWhatIsNotWorthIt) {
  EXPECT_FALSE(Deflater().deflate(noise(100'000)));
  EXPECT_FALSE(Deflater().deflate(""));
  EXPECT_FALSE(Deflater().deflate("x"));
  EXPECT_TRUE(isWorthDeflating(1600, 1500));
  EXPECT_FALSE(isWorthDeflating(1600, 1501));
  EXPECT_FALSE(isWorthDeflating(0, 0));
  EXPECT_FALSE(isWorthDeflating(10, 20));
}

TEST(Deflate, GivesTheSameBytesFromAUsedPacker) {
  Deflater deflater;
  static_cast<void>(deflater.deflate(words(5000)));
  EXPECT_EQ(deflater.deflate(words(3000)), Deflater().deflate(words(3000)));
}

TEST(Deflate, MakesOneStreamOfPieces) {
  const std::string text = words(200'000) + noise(100'000) + words(70'001);
  for (const std::size_t piece : {1000u, 65'536u, 400'000u}) {
    std::string packed;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const auto whole = std::string_view(text);
      packed += deflatePiece(whole.substr(0, at), whole.substr(at, piece), at + piece >= text.size());
    }
    EXPECT_EQ(inflated(packed, text.size()), text) << "pieces of " << piece;
    EXPECT_LT(packed.size(), text.size() * 2 / 3);
  }
}

TEST(Deflate, JoinsCrcs) {
  const std::string text = words(1000);
  const auto first = std::string_view(text).substr(0, 300), second = std::string_view(text).substr(300);
  EXPECT_EQ(joinCrc32(crc32Of(first), crc32Of(second), second.size()), crc32Of(text));
  EXPECT_EQ(crc32Of(second, crc32Of(first)), crc32Of(text));
  EXPECT_EQ(crc32Of("123456789"), 0xcbf43926u);
}

}  // namespace
}  // namespace tenon::host
