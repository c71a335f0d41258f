// What a hub answers to a request for parts of a file. The input: how many parts were asked for and where, in what pieces
// the answer comes, the Content-Type or Content-Range after a line end, and then the body.
#include "host/package/fetch/RangeAnswer.h"

#include <optional>

#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

constexpr std::uint64_t kFileBytes = 1000;

struct Heard {
  std::string bytes;
  bool refused = false, complete = false, onlyFirst = false;
  bool operator==(const Heard&) const = default;
};

Heard hear(const std::vector<ByteRange>& asked, const HttpResponse& head, std::string_view body, std::size_t each) {
  Heard heard;
  RangeAnswer answer(asked, kFileBytes, [&](std::string_view bytes) -> Result<void> {
    heard.bytes += bytes;
    return {};
  });
  auto fine = answer.begin(head);
  for (std::size_t at = 0; fine && at < body.size(); at += each) fine = answer.take(body.substr(at, each));
  heard.refused = !fine;
  if (!fine) mustBeOneLine(fine.error());
  heard.complete = fine && answer.complete();
  heard.onlyFirst = answer.onlyFirst();
  return heard;
}

// The ranges that were asked for: in order, none beside another, each within the file.
std::vector<ByteRange> askedBy(std::string_view& text) {
  std::vector<ByteRange> asked;
  const auto count = 1U + takeByte(text) % 4U;
  std::uint64_t at = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint64_t first = at + takeByte(text) % 100U, bytes = 1U + takeByte(text) % 50U;
    asked.push_back({first, bytes});
    at = first + bytes + 1;
  }
  return asked;
}

// Every line that names a place in a part's head, as another reader would find them: after an accepted answer there is
// exactly one a part. The parts' bytes are skipped by the counts that were asked for.
std::optional<std::size_t> placesIn(std::string_view& rest) {
  const auto end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view head = rest.substr(0, end + 2);
  rest.remove_prefix(end + 4);
  std::size_t places = 0;
  while (!head.empty()) {
    std::string line(head.substr(0, head.find("\r\n")));
    head.remove_prefix(line.size() + 2);
    for (auto& c : line) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    places += line.starts_with("content-range:");
  }
  return places;
}

void mustNameEachPlaceOnce(const std::vector<ByteRange>& asked, std::string_view body) {
  for (const auto& range : asked) {
    if (body.starts_with("\r\n")) body.remove_prefix(2);
    must(body.starts_with("--"), "a part begins with its boundary");
    body.remove_prefix(body.find("\r\n") + 2);
    must(!body.starts_with("\r\n"), "a part has a head");
    must(placesIn(body) == std::size_t{1}, "a part of an accepted answer names its place exactly once");
    must(body.size() >= range.count, "a part of an accepted answer is whole");
    body.remove_prefix(static_cast<std::size_t>(range.count));
  }
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  const auto asked = askedBy(text);
  const std::size_t each = 1U + takeByte(text) % 16U;
  const auto end = std::min(text.find('\n'), text.size());
  const std::string field(text.substr(0, end));
  const auto body = text.substr(std::min(end + 1, text.size()));
  const bool several = !field.starts_with("bytes");
  const HttpResponse head{206, {{several ? "Content-Type" : "Content-Range", field}}, ""};

  const auto heard = hear(asked, head, body, body.size() + 1);
  must(heard == hear(asked, head, body, each), "an answer means the same in pieces of every size");
  std::uint64_t wanted = 0;
  for (const auto& range : asked) wanted += range.count;
  if (heard.onlyFirst) wanted = asked.front().count;
  must(heard.bytes.size() <= wanted, "never more bytes than were asked for");
  if (!heard.complete) return;
  must(heard.bytes.size() == wanted, "a complete answer is exactly what was asked for");
  if (several) mustNameEachPlaceOnce(asked, body);
}
