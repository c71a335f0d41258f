#include "host/package/fetch/Attempts.h"

#include <algorithm>
#include <string>

#include "host/package/Downloader.h"

namespace tenon::host {
namespace {

constexpr Millis kFirstBackoff{500}, kLongestBackoff{8000};
constexpr std::uint64_t kNoticeable = 64;  // an attempt that brought a 64th of the whole counts as getting on

}  // namespace

bool mayPass(const Error& error) {
  return error.code() == ErrorCode::NetworkUnreachable || error.code() == ErrorCode::NetworkSlow ||
         error.code() == ErrorCode::NetworkProtocol;
}

bool isForResume(const Error& error) { return mayPass(error) || error.code() == ErrorCode::Cancelled; }

Refusal refusalOf(int status) {
  const std::string what = "the hub answers " + std::to_string(status);
  switch (status) {
    case 404:
    case 410:
      return {Error(ErrorCode::NotFound, "the hub lists the package, but does not have it"), true};
    case 401:
    case 403:
      return {Error(ErrorCode::Denied, what), true};
    default:
      return {Error(ErrorCode::NetworkProtocol, what), status < 500 && status != 408 && status != 429};
  }
}

Millis askedToWait(const HttpResponse& head) {
  const auto text = head.header("Retry-After");
  constexpr std::size_t kMostDigits = 6;
  const bool seconds = !text.empty() && text.size() <= kMostDigits && text.find_first_not_of("0123456789") == text.npos;
  return seconds ? std::chrono::seconds(std::stol(text)) : Millis(0);  // a date: its clock is not ours
}

bool isStrongEtag(const std::string& etag) { return etag.size() > 2 && etag.front() == '"' && etag.back() == '"'; }

Result<void> RateWatch::add(std::size_t bytes) {
  bytes_ += bytes;
  const auto now = clock_.now();
  if (now - began_ < limits::kRateWindow) return {};
  const auto seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - began_).count());
  if (bytes_ < limits::kMinimumRate * seconds) {
    return Error(ErrorCode::NetworkSlow,
                 std::to_string(bytes_) + " bytes in " + std::to_string(seconds) + " s are too few to wait for");
  }
  began_ = now;
  bytes_ = 0;
  return {};
}

Result<void> Attempts::again(const Error& error, std::uint64_t done, Millis asked) {
  if (!mayPass(error)) return error;
  // Further than ever before: who only goes in circles is not getting on.
  if (done > furthest_ && done - furthest_ >= total_ / kNoticeable) {
    failures_ = 0;
    furthest_ = done;
  }
  if (++failures_ >= most_ || asked > kLongestBackoff) return error;
  return pause(asked);
}

// Twice as long each time, less a random half, so that a fleet does not come back all at once.
Result<void> Attempts::pause(Millis atLeast) {
  auto time = kFirstBackoff;
  for (int i = 1; i < failures_ && time < kLongestBackoff; ++i) time *= 2;
  time = std::min(time, kLongestBackoff);
  time -= Millis(std::uniform_int_distribution<Millis::rep>(0, time.count() / 2)(random_));
  time = std::max(time, atLeast);
  while (time > Millis(0)) {
    if (cancelled_.load()) return Error(ErrorCode::Cancelled, "the download was cancelled");
    const auto slice = std::min(time, Downloader::kLongestWait);
    wait_(slice);
    time -= slice;
  }
  return {};
}

}  // namespace tenon::host
