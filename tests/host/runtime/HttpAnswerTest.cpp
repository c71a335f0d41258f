// What a health check reads, without a socket; SocketProberTest has the rest.
#include "host/runtime/health/HttpAnswer.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

using Progress = HttpAnswer::Progress;

TEST(HttpAnswer, AnInterimAnswersHeadersAreNotThoseOfTheAnswer) {
  HttpAnswer answer(200, 399);
  const auto* early = "HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(answer.take(early), Progress::More);
  EXPECT_EQ(answer.take("HTTP/1.1 503 No\r\n\r\n"), Progress::More);
  EXPECT_EQ(answer.take("not ready"), Progress::More);
  EXPECT_EQ(answer.peerClosed(), Progress::Done);
  EXPECT_EQ(answer.text(), "503 not ready");
}

TEST(HttpAnswer, ShowsNothingFromBehindTheEndOfTheAnswer) {
  HttpAnswer answer(200, 399);
  EXPECT_EQ(answer.take("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nnot ready, and more"), Progress::Done);
  EXPECT_EQ(answer.text(), "503 not ready");
}

TEST(HttpAnswer, AnEmptyBodyInChunksEndsWithItsOnlyChunk) {
  HttpAnswer answer(200, 399);
  EXPECT_EQ(answer.take("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n"), Progress::More);
  EXPECT_EQ(answer.take("0\r\n\r\n"), Progress::Done);
  EXPECT_EQ(answer.text(), "503");
}

TEST(HttpAnswer, ShowsTheFirstChunkByItsSize) {
  HttpAnswer answer(200, 399);
  EXPECT_EQ(answer.take("HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n8;x=y\r\na\r\n0\r\nbc"), Progress::More);
  EXPECT_EQ(answer.take("\r\n3\r\ndef\r\n0\r\n\r\n"), Progress::Done);
  EXPECT_EQ(answer.text(), "503 a 0 bc");
}

TEST(HttpAnswer, SaysWhatIsWrongWhereNothingCanBeShown) {
  HttpAnswer answer(200, 399);
  EXPECT_EQ(answer.take("\r\n\r\n"), Progress::Done);
  EXPECT_EQ(answer.text(), "not HTTP: an empty line");
}

}  // namespace
}  // namespace tenon::host
