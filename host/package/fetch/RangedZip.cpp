#include "host/package/fetch/RangedZip.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/release/PackageManifest.h"
#include "host/package/Pieces.h"
#include "host/package/zip/ZipRecords.h"

namespace tenon::host {
namespace {

// How much of the zip's end is asked for at first. It is to hold the directory, and with luck the last entries, of which
// service.json is one: a directory takes some 80 bytes an entry. The end record is looked for in the last 64 KiB and a bit.
constexpr std::uint64_t kLeastTail = 68 * limits::KiB, kMostTail = 1 * limits::MiB, kTailShare = 1500;
constexpr std::uint64_t kMostDirectory = 64 * limits::MiB;
constexpr std::uint64_t kGap = 4 * limits::KiB;  // less between two ranges is fetched with them: a range costs about as much
constexpr std::size_t kRangesAtOnce = 100;       // a request's head must stay small

std::vector<ByteRange> rangesOf(const std::vector<const ZipEntry*>& entries) {
  std::vector<ByteRange> ranges;
  for (const auto* entry : entries) {
    if (entry->packedBytes > 0) ranges.push_back({entry->dataOffset, entry->packedBytes});
  }
  return ranges;
}

}  // namespace

Result<std::unique_ptr<RangedZip>> RangedZip::open(With with, DownloadRequest request, Progress progress) {
  const auto none = [] { return std::unique_ptr<RangedZip>(); };
  if (request.sizeBytes == 0 || request.sizeBytes > limits::kZipBytes) return none();  // the stream's reader says why
  std::unique_ptr<RangedZip> zip(new RangedZip(with, request, std::move(progress)));
  TENON_CHECK(zip->part_.takeUp());
  for (;;) {
    const bool resumed = zip->resumed();
    auto read = zip->readDirectory();
    if (!read && !zip->unusable_) {
      if (zip->final_ || !isForResume(read.error())) zip->discard();
      return std::move(read).error().withContext("download " + request.url);
    }
    if (read && *read) return zip;
    zip->discard();
    if (zip->unusable_ || !resumed) return none();
    // What an earlier agent left makes no sense: a power cut may have taken it. From the beginning, then.
  }
}

// False where it makes no sense, or does not begin with MANIFEST.
Result<bool> RangedZip::readDirectory() {
  const auto size = part_.size();
  const auto tail = std::min(size, std::clamp(size / kTailShare, kLeastTail, kMostTail));
  TENON_CHECK(part_.plan({{size - tail, tail}}, 0));
  TENON_CHECK(fetchPlanned());
  const auto end = readZipEnd(part_);
  if (!end || end->directoryBytes > kMostDirectory) return false;
  TENON_CHECK(part_.plan({{end->directoryOffset, size - end->directoryOffset}}, 0));
  TENON_CHECK(fetchPlanned());
  auto directory = ZipDirectory::read(part_, ZipRules::Strict, ZipHeaders::Known);
  if (!directory || directory->entries().empty() || directory->entries()[0].name != kManifestName) return false;
  directory_.emplace(*std::move(directory));
  return true;
}

Result<void> RangedZip::bring(const std::vector<const ZipEntry*>& entries) {
  TENON_CHECK(part_.plan(rangesOf(entries), kGap));
  return withContext("download " + url_, fetchPlanned());
}

std::uint64_t RangedZip::missingOf(const std::vector<const ZipEntry*>& entries) const {
  std::uint64_t bytes = 0;
  for (const auto& range : rangesOf(entries)) bytes += part_.covers(range) ? 0 : range.count;
  return bytes;
}

Result<void> RangedZip::fetchPlanned() {
  Attempts attempts(with_.wait, with_.cancelled, part_.bytes(), part_.planned());
  while (!part_.complete()) {
    const bool several = several_;
    const auto before = part_.bytes();
    const auto received = request();
    if (received || several != several_) continue;  // a hub that takes one range at a time is asked again
    if (unusable_ || final_) return received;
    TENON_CHECK(attempts.again(received.error(), std::max(before, part_.bytes())));
  }
  return {};
}

Result<void> RangedZip::request() {
  const auto asked = part_.missing(several_ ? kRangesAtOnce : 1);
  HttpRequestOptions request;
  request.url = url_;
  request.headers = {{"Accept-Encoding", "identity"}, {"Range", rangeHeader(asked)}};
  if (isStrongEtag(part_.etag())) request.headers.emplace_back("If-Range", part_.etag());
  RateWatch rate(with_.clock);
  RangeAnswer answer(asked, part_.size(), [this](std::string_view bytes) { return take(bytes); });
  const auto answered = with_.http.stream(
      request, [&](const HttpResponse& head) { return judge(head, answer); },
      [&](std::string_view bytes) -> Result<void> {
        TENON_CHECK(answer.take(bytes));
        return rate.add(bytes.size());
      });
  if (!answered) {
    // Parts that do not come as they were asked for: one at a time, then, and only that is a hub's failure.
    if (answer.isMultipart() && answered.error().code() == ErrorCode::NetworkProtocol) several_ = false;
    return answered.error();
  }
  if (answer.onlyFirst()) several_ = false;
  if (answer.complete()) return {};
  return Error(ErrorCode::NetworkProtocol, "the connection ended before all that was asked for had come");
}

Result<void> RangedZip::judge(const HttpResponse& head, RangeAnswer& answer) {
  const bool manyAsked = several_ && part_.missing(2).size() > 1;
  switch (head.status) {
    case 206: {
      const auto etag = head.header("ETag");
      if (!etag.empty() && !part_.etag().empty() && etag != part_.etag()) {
        return useless("the package changed on the hub meanwhile");
      }
      TENON_CHECK(answer.begin(head));
      return etag.empty() ? Result<void>() : part_.setEtag(etag);
    }
    case 200:
    case 416:
      if (manyAsked) {
        several_ = false;
        return Error(ErrorCode::NetworkProtocol, "the hub takes no request for several ranges");
      }
      return useless("the hub sends no ranges of this package");
    default:
      break;
  }
  auto refusal = refusalOf(head.status);
  final_ = refusal.isFinal;
  return std::move(refusal.error);
}

Result<void> RangedZip::take(std::string_view bytes) {
  if (with_.cancelled.load(std::memory_order_relaxed)) return Error(ErrorCode::Cancelled, "the download was cancelled");
  const auto before = part_.bytes();
  TENON_CHECK(part_.append(bytes));
  if (progress_ && isToldProgress(before, part_.bytes(), part_.planned())) progress_(part_.bytes(), part_.planned());
  return {};
}

Error RangedZip::useless(const std::string& why) {
  unusable_ = true;
  return Error(ErrorCode::NetworkProtocol, why);
}

}  // namespace tenon::host
