// What a service answers to a health check. The input: in what pieces it comes, and the answer.
#include "host/runtime/health/HttpAnswer.h"

#include "host/base/Limits.h"
#include "host/base/Utf8.h"
#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

// As a probe reads it: until that is enough, or the peer closes.
HttpAnswer hear(std::string_view bytes, std::size_t each) {
  HttpAnswer answer(200, 399);
  for (std::size_t at = 0; at < bytes.size(); at += each) {
    if (answer.take(bytes.substr(at, each)) == HttpAnswer::Progress::Done) return answer;
  }
  must(answer.peerClosed() == HttpAnswer::Progress::Done, "after the end nothing comes");
  return answer;
}

void mustBeShown(const HttpAnswer& answer) {
  const auto text = answer.text();
  must(!text.empty() && isUtf8(text), "what was answered can be shown");
  must(text.size() <= limits::kHealthTextBytes + 64, "what is shown is short");
  must(printable(text, text.size()) == text, "what is shown is one line");
  if (answer.healthy()) must(text == std::to_string(*answer.status()), "a healthy answer is its status");
  if (answer.status()) must(*answer.status() >= 200 && *answer.status() <= 999, "a status is a final one");
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  const std::size_t each = 1U + takeByte(text) % 64U;
  const auto whole = hear(text, text.size() + 1), pieces = hear(text, each);
  mustBeShown(whole);
  mustBeShown(pieces);
  must(whole.status() == pieces.status() && whole.healthy() == pieces.healthy(), "an answer means the same in every piece");
  if (whole.status()) must(whole.text() == pieces.text(), "an answer says the same in every piece");
  const auto later =
      hear("HTTP/1.1 103 Early Hints\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n" + std::string(text), each);
  if (whole.status()) {
    must(later.status() == whole.status() && later.text() == whole.text(),
         "what comes before the answer does not change it");
  }
}
