#include "host/runtime/health/HttpAnswer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/base/Utf8.h"

namespace tenon::host {
namespace {

constexpr std::string_view kProtocol = "HTTP/1.";
constexpr std::size_t kBodyLooked = 4 * limits::kHealthTextBytes;  // a chunk's size and white space do not show
static_assert(kBodyLooked <= limits::kHealthBodyBytes);

bool sameName(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
         });
}

// Where the header ends, and the body begins.
std::optional<std::pair<std::size_t, std::size_t>> endOfHead(std::string_view head) {
  const auto strict = head.find("\r\n\r\n"), loose = head.find("\n\n");
  if (strict == std::string_view::npos && loose == std::string_view::npos) return std::nullopt;
  return strict < loose ? std::pair(strict, strict + 4) : std::pair(loose, loose + 2);
}

struct Chunk {
  std::string_view content;  // as far as it is here
  std::string_view rest;     // what is here from behind it
  bool last;
};

// Nothing where its size is not here yet, or is none.
std::optional<Chunk> firstChunk(std::string_view body) {
  const auto end = body.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const auto digits = body.substr(0, std::min(body.find(';'), end));
  std::uint64_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  body.remove_prefix(end + 2);
  const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(size, body.size()));
  return Chunk{body.substr(0, here), body.substr(here), size == 0};
}

std::string notHttp(std::string_view text) {
  const auto shown = printable(text, 40);
  return "not HTTP: " + (shown.empty() ? "an empty line" : shown);
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8Length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (byte <= 0x20 || byte == 0x7F || c1) {
      gap = !out.empty();
    } else {
      const std::string_view shown = length == 0 ? "?" : text.substr(at, length);
      if (out.size() + (gap ? 1 : 0) + shown.size() > most) break;
      if (std::exchange(gap, false)) out += ' ';
      out += shown;
    }
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

HttpAnswer::Progress HttpAnswer::broken(std::string why) {
  status_.reset();
  broken_ = std::move(why);
  return Progress::Done;
}

HttpAnswer::Progress HttpAnswer::take(std::string_view bytes) {
  if (!broken_.empty()) return Progress::Done;
  if (!status_) {
    head_ += bytes;
    const auto seen = std::min(head_.size(), kProtocol.size());
    if (std::string_view(head_).substr(0, seen) != kProtocol.substr(0, seen)) {
      return broken(notHttp(head_));
    }
    return readHead();
  }
  body_ += bytes.substr(0, kBodyLooked - std::min(body_.size(), kBodyLooked));
  return bodyIsEnough() ? Progress::Done : Progress::More;
}

HttpAnswer::Progress HttpAnswer::readHead() {
  const auto end = endOfHead(head_);
  if ((end ? end->second : head_.size()) > limits::kHealthHeaderBytes) {
    return broken("the answer's header is larger than " + std::to_string(limits::kHealthHeaderBytes / limits::KiB) + " KiB");
  }
  if (!end) return Progress::More;
  const std::string whole = std::exchange(head_, "");
  std::string_view lines = std::string_view(whole).substr(0, end->first);
  length_.reset();  // an interim answer's count for nothing
  chunked_ = false;
  for (bool first = true;; first = false) {
    const auto cut = lines.find('\n');
    const auto line = trimmed(lines.substr(0, cut));
    if (first && !readStatusLine(line)) return broken(notHttp(line));
    if (!first) readField(line);
    if (cut == std::string_view::npos) break;
    lines.remove_prefix(cut + 1);
  }
  const std::string_view rest = std::string_view(whole).substr(end->second);
  if (*status_ < 200) {  // an interim answer; the real one follows
    status_.reset();
    return rest.empty() ? Progress::More : take(rest);
  }
  return healthy() ? Progress::Done : take(rest);
}

// "HTTP/1.1 503 Service Unavailable".
bool HttpAnswer::readStatusLine(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 4) return false;
  const std::string_view digits = line.substr(space + 1, 3);
  int status = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  const bool ends = line.size() == space + 4 || line[space + 4] == ' ';
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || status < 100 || !ends) return false;
  status_ = status;
  return true;
}

void HttpAnswer::readField(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  if (sameName(name, "transfer-encoding")) chunked_ = true;
  if (!sameName(name, "content-length")) return;
  std::uint64_t length = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
  if (read.ec == std::errc() && read.ptr == value.data() + value.size()) length_ = length;
}

bool HttpAnswer::bodyIsEnough() const {
  if (body_.size() >= kBodyLooked) return true;
  if (!chunked_) return length_ && body_.size() >= *length_;
  const auto chunk = firstChunk(body_);
  return chunk && (chunk->last || chunk->rest.find("\r\n0\r\n") != std::string_view::npos);
}

HttpAnswer::Progress HttpAnswer::peerClosed() {
  if (!status_ && broken_.empty()) return broken("the connection was closed before an answer came");
  return Progress::Done;
}

std::string HttpAnswer::text() const {
  if (!status_) return broken_;
  std::string_view body = body_;
  if (chunked_) {  // the first chunk is enough to be understood
    const auto chunk = firstChunk(body);
    body = chunk ? chunk->content : std::string_view();
  } else if (length_ && *length_ < body.size()) {
    body = body.substr(0, static_cast<std::size_t>(*length_));
  }
  const std::string said = healthy() ? "" : printable(body, limits::kHealthTextBytes);
  return std::to_string(*status_) + (said.empty() ? "" : " " + said);
}

}  // namespace tenon::host
