#include "host/package/fetch/RangeAnswer.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

class RangeAnswerTest : public testing::Test {
 protected:
  static HttpResponse single(const std::string& place) { return {206, {{"Content-Range", place}}, ""}; }
  static HttpResponse several(const std::string& type) { return {206, {{"Content-Type", type}}, ""}; }
  static std::string part(const std::string& place, const std::string& content) {
    return "\r\n--B\r\nContent-Type: application/zip\r\nContent-Range: bytes " + place + "\r\n\r\n" + content;
  }
  // All of it in pieces of `each` bytes; what the answer let through, or why it was refused.
  std::string read(const std::vector<ByteRange>& asked, const HttpResponse& head, const std::string& body,
                   std::size_t each = 1000) {
    std::string got;
    RangeAnswer answer(asked, 1000, [&](std::string_view bytes) -> Result<void> {
      got += bytes;
      return {};
    });
    if (const auto begun = answer.begin(head); !begun) return begun.error().message();
    for (std::size_t at = 0; at < body.size(); at += each) {
      if (const auto taken = answer.take(std::string_view(body).substr(at, each)); !taken) return taken.error().message();
    }
    return answer.complete() ? got : got + " (incomplete)";
  }
  const std::vector<ByteRange> two_ = {{10, 5}, {100, 3}};
  const HttpResponse multipart_ = several("multipart/byteranges; boundary=B");
};

TEST_F(RangeAnswerTest, AsksForRangesAsTheStandardWritesThem) {
  EXPECT_EQ(rangeHeader({{0, 100}, {200, 1}}), "bytes=0-99,200-200");
}

TEST_F(RangeAnswerTest, TakesOnePart) {
  EXPECT_EQ(read({{10, 5}}, single("bytes 10-14/1000"), "hello"), "hello");
  EXPECT_EQ(read({{10, 5}}, single("bytes 10-14/1000"), "hel"), "hel (incomplete)");
}

TEST_F(RangeAnswerTest, TakesTheFirstWhereOnlyThatWasAnswered) {
  RangeAnswer answer(two_, 1000, [](std::string_view) { return Result<void>(); });
  ASSERT_TRUE(answer.begin(single("bytes 10-14/1000")));
  EXPECT_TRUE(answer.onlyFirst());
  ASSERT_TRUE(answer.take("hello"));
  EXPECT_TRUE(answer.complete());
}

TEST_F(RangeAnswerTest, TakesSeveralPartsInPiecesOfAnySize) {
  const auto body = part("10-14/1000", "hello") + part("100-102/1000", "you") + "\r\n--B--\r\n";
  for (const std::size_t each : {1U, 2U, 3U, 7U, 64U, 1000U}) EXPECT_EQ(read(two_, multipart_, body, each), "helloyou");
  const auto quoted = several("Multipart/ByteRanges; charset=x; Boundary=\"B\"");
  EXPECT_EQ(read(two_, quoted, body.substr(2)), "helloyou") << "no line end before the first boundary";
}

TEST_F(RangeAnswerTest, Case45RefusesAWrongContentRange) {
  for (const auto* place : {"bytes 11-15/1000", "bytes 10-14/999", "bytes 10-15/1000", "bytes 10-14/*", "10-14/1000", ""}) {
    EXPECT_EQ(read({{10, 5}}, single(place), "hello"), "the hub sends another part than the one asked for") << place;
  }
}

TEST_F(RangeAnswerTest, Case45RefusesPartsThatOverlapComeTwiceOrOutOfOrder) {
  const std::string end = "\r\n--B--\r\n", refused = "the hub sends another part than the one asked for";
  EXPECT_EQ(read(two_, multipart_, part("10-14/1000", "hello") + part("12-14/1000", "llo") + end), refused);
  EXPECT_EQ(read(two_, multipart_, part("10-14/1000", "hello") + part("10-14/1000", "hello") + end), refused);
  EXPECT_EQ(read(two_, multipart_, part("100-102/1000", "you") + part("10-14/1000", "hello") + end), refused);
  EXPECT_EQ(read(two_, multipart_, part("0-999/1000", "hello") + end), refused);
}

TEST_F(RangeAnswerTest, Case45RefusesMoreAndFewerPartsThanWereAsked) {
  const auto both = part("10-14/1000", "hello") + part("100-102/1000", "you");
  EXPECT_EQ(read(two_, multipart_, part("10-14/1000", "hello") + "\r\n--B--\r\n"),
            "the hub sends other parts than those asked for");
  EXPECT_EQ(read(two_, multipart_, both + part("200-201/1000", "no")), "the hub sends other parts than those asked for");
  EXPECT_EQ(read(two_, multipart_, both + "\r\n--B--" + std::string(2000, ' ')), "the hub goes on after the last part");
  EXPECT_EQ(read({{10, 5}}, single("bytes 10-14/1000"), "hello!"), "the hub sends more than was asked for");
}

TEST_F(RangeAnswerTest, Case45RefusesHeadsWithoutEndAndTwoPlacesForOnePart) {
  EXPECT_EQ(read(two_, multipart_, "--B\r\nX: " + std::string(5000, 'x')), "the hub sends a part with too long a head");
  EXPECT_EQ(read(two_, multipart_, "--B\r\nContent-Range: bytes 10-14/1000\r\ncontent-range: bytes 0-4/1000\r\n\r\nhello"),
            "the hub gives two places for one part");
  EXPECT_EQ(read(two_, multipart_, "--B\r\nContent-Range:\r\nContent-Range: bytes 10-14/1000\r\n\r\nhello"),
            "the hub gives two places for one part")
      << "the first is empty";
  EXPECT_EQ(read(two_, multipart_, "--B\r\n\r\nContent-Range: bytes 10-14/1000\r\n\r\nhello"),
            "the hub sends a part without a head");
  for (const auto* type :
       {"multipart/byteranges", "multipart/byteranges; boundary=", "multipart/byteranges; boundary=\"\""}) {
    EXPECT_NE(read(two_, several(type), "--B\r\n").find("the hub sends several parts with"), std::string::npos) << type;
  }
  const auto longBoundary = several("multipart/byteranges; boundary=" + std::string(71, 'b'));
  EXPECT_EQ(read(two_, longBoundary, ""), "the hub sends several parts with a bad boundary");
}

}  // namespace
}  // namespace tenon::host
