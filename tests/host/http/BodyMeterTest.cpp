#include "host/http/wire/BodyMeter.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tenon::host {
namespace {

using Kind = BodyFraming::Kind;

// Where the message ends in `stream` that comes in pieces of `step` bytes; nothing where it breaks or does not end.
std::optional<std::size_t> endOf(BodyFraming framing, std::string_view stream, std::size_t step) {
  BodyMeter body(framing);
  std::size_t taken = 0;
  for (std::size_t at = 0; at < stream.size() && !body.finished(); at += step) {
    const auto took = body.take(stream.substr(at, step));
    if (!took) return std::nullopt;
    taken += *took;
  }
  if (!body.finished()) return std::nullopt;
  return taken;
}

TEST(BodyMeter, FindsTheEndInPiecesOfEverySize) {
  const std::string chunked = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t step = 1; step <= chunked.size() + 4; ++step) {
    EXPECT_EQ(endOf({Kind::Chunked, 0}, chunked + "GET ", step), chunked.size()) << step;
    EXPECT_EQ(endOf({Kind::Length, 5}, "helloGET ", step), 5u) << step;
  }
}

TEST(BodyMeter, NoBodyIsFinishedAtOnce) {
  EXPECT_TRUE(BodyMeter({Kind::None, 0}).finished());
  EXPECT_FALSE(BodyMeter({Kind::UntilClose, 0}).finished());
}

TEST(BodyMeter, EndsWithTheConnectionWhereNothingElseSaysIt) {
  BodyMeter body({Kind::UntilClose, 0});
  body.takeData(1'000'000);
  EXPECT_FALSE(body.finished());
  EXPECT_TRUE(body.takeEnd());
  EXPECT_TRUE(body.finished());
}

TEST(BodyMeter, AnEndBeforeTheLastByteIsAFault) {
  BodyMeter length({Kind::Length, 9});
  length.takeData(8);
  EXPECT_FALSE(length.takeEnd());
  EXPECT_FALSE(BodyMeter({Kind::Chunked, 0}).takeEnd());
}

TEST(BodyMeter, RefusesChunksThatTwoReadersCouldUnderstandDifferently) {
  for (const std::string_view stream : {"5\nhello\r\n0\r\n\r\n", " 5\r\nhello", "0x5\r\nhello", "\r\n", "5\r\nhelloX\r\n",
                                        "ffffffffffffffffff\r\n", "-1\r\n", "5;\x01\r\n"}) {
    EXPECT_FALSE(BodyMeter({Kind::Chunked, 0}).take(stream)) << stream;
  }
  EXPECT_FALSE(BodyMeter({Kind::Chunked, 0}).take("5;" + std::string(300, 'a') + "\r\n"));
}

}  // namespace
}  // namespace tenon::host
