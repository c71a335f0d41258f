#include "host/package/fetch/RangeAnswer.h"

#include <algorithm>
#include <optional>

#include "host/base/Text.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {
namespace {

constexpr std::string_view kMultipart = "multipart/byteranges";
constexpr std::size_t kBoundaryBytes = 70;      // RFC 2046, 5.1.1
constexpr std::size_t kPartHeadBytes = 4096;    // two headers
constexpr std::uint64_t kEpilogueBytes = 1024;  // means nothing, and is no place to hide a gigabyte

Error badAnswer(const std::string& what) { return Error(ErrorCode::NetworkProtocol, "the hub " + what); }

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
  return result;
}

}  // namespace

std::string rangeHeader(const std::vector<ByteRange>& ranges) {
  std::string text = "bytes=";
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(ranges[i].first) + "-" + std::to_string(ranges[i].end() - 1);
  }
  return text;
}

Result<void> RangeAnswer::begin(const HttpResponse& head) {
  const auto contentType = head.header("Content-Type");
  if (lowered(contentType).starts_with(kMultipart)) return beginMultipart(contentType);
  TENON_CHECK(checkContentRange(head.header("Content-Range")));
  onlyFirst_ = asked_.size() > 1;
  asked_.resize(1);
  next_ = 1;
  return {};
}

Result<void> RangeAnswer::beginMultipart(const std::string& contentType) {
  constexpr std::string_view kParameter = "boundary=";
  const auto at = lowered(contentType).find(kParameter);
  if (at == std::string::npos) return badAnswer("sends several parts without a boundary between them");
  std::string_view boundary = trimmed(std::string_view(contentType).substr(at + kParameter.size()), kBlanks);
  if (boundary.starts_with('"')) {
    boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  } else {
    boundary = trimmed(boundary.substr(0, boundary.find(';')), kBlanks);
  }
  if (boundary.empty() || boundary.size() > kBoundaryBytes) return badAnswer("sends several parts with a bad boundary");
  boundary_ = "--" + std::string(boundary);
  state_ = State::Delimiter;
  return {};
}

Result<void> RangeAnswer::checkContentRange(std::string_view text) {
  const auto& wanted = asked_[next_];
  const auto expected =
      "bytes " + std::to_string(wanted.first) + "-" + std::to_string(wanted.end() - 1) + "/" + std::to_string(size_);
  if (trimmed(text, kBlanks) != expected) return badAnswer("sends another part than the one asked for");
  left_ = wanted.count;
  return {};
}

Result<void> RangeAnswer::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (state_ == State::Single || state_ == State::Data) {
      TENON_CHECK(takeData(bytes));
    } else if (state_ == State::End) {
      ended_ += bytes.size();
      return ended_ > kEpilogueBytes ? Result<void>(badAnswer("goes on after the last part")) : Result<void>();
    } else {
      // A delimiter or a part's head: short, and looked at again with each byte that comes.
      text_ += bytes.front();
      bytes.remove_prefix(1);
      TENON_TRY(const bool whole, takeText());
      if (whole) text_.clear();
    }
  }
  return {};
}

Result<void> RangeAnswer::takeData(std::string_view& bytes) {
  if (left_ == 0) return badAnswer("sends more than was asked for");
  const auto now = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  TENON_CHECK(sink_(now));
  left_ -= now.size();
  bytes.remove_prefix(now.size());
  if (left_ == 0 && state_ == State::Data) state_ = State::Delimiter;
  return {};
}

Result<bool> RangeAnswer::takeText() { return state_ == State::Delimiter ? takeDelimiter() : takeHeaders(); }

// [CRLF] --boundary CRLF, or --boundary-- after the last part.
Result<bool> RangeAnswer::takeDelimiter() {
  std::string_view line = text_;
  if (line.starts_with("\r\n")) line.remove_prefix(2);
  const auto wanted = boundary_ + (next_ < asked_.size() ? "\r\n" : "--");
  if (line == wanted) {
    state_ = next_ < asked_.size() ? State::Headers : State::End;
    return true;
  }
  const bool maybe = text_ == "\r" || std::string_view(wanted).starts_with(line);
  if (!maybe) return badAnswer("sends other parts than those asked for");
  return false;
}

Result<bool> RangeAnswer::takeHeaders() {
  if (text_.size() > kPartHeadBytes) return badAnswer("sends a part with too long a head");
  if (text_ == "\r\n") return badAnswer("sends a part without a head");
  if (!text_.ends_with("\r\n\r\n")) return false;
  constexpr std::string_view kField = "content-range:";
  std::string_view rest = text_;
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (!lowered(line.substr(0, kField.size())).starts_with(kField)) continue;
    if (found) return badAnswer("gives two places for one part");
    found = line.substr(kField.size());
  }
  TENON_CHECK(checkContentRange(found.value_or("")));
  ++next_;
  state_ = State::Data;
  return true;
}

}  // namespace tenon::host
