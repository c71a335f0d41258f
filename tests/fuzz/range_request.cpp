// Range, If-None-Match and If-Range of a request: what is chosen lies within the file, whatever was asked for.
#include "host/http/wire/FileBody.h"
#include "tests/fuzz/Fuzz.h"

using namespace tenon::host;

TENON_FUZZ(text) {
  const std::uint64_t size = takeByte(text) < 200 ? takeByte(text) * 7U : UINT64_MAX;
  const auto one = chooseRange(text, size);
  if (one.kind == RangeChoice::Kind::Part) {
    must(one.count > 0 && one.first < size && one.count <= size - one.first, "a part lies within the file");
    const auto plain = "bytes=" + std::to_string(one.first) + "-" + std::to_string(one.first + one.count - 1);
    const auto again = chooseRange(plain, size);
    must(again.kind == one.kind && again.first == one.first && again.count == one.count, "a part is chosen by its numbers");
  }
  std::uint64_t at = 0;
  for (const auto& part : chooseRanges(text, size)) {
    must(part.kind == RangeChoice::Kind::Part && part.count > 0, "several ranges are parts");
    must(part.first >= at && part.first < size && part.count <= size - part.first, "several parts lie in order in the file");
    at = part.first + part.count;
  }
  const auto tag = text.substr(0, text.find('"'));
  if (matchesIfRange(text, tag)) must(matchesEtag(text, tag), "what matches strongly matches weakly");
}
