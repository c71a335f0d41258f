// Brings one zip to this disk: resumed where it broke off, hashed in the pass that writes it, cut at its announced size. Any
// thread; two downloads of one file never at once.
#pragma once

#include <atomic>
#include <functional>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/http/HttpClient.h"
#include "host/package/PartFile.h"
#include "host/package/fetch/RangedZip.h"

namespace tenon::host {

class Downloader {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;  // at most some hundred times
  using Wait = std::function<void(Millis)>;

  // `wait` blocks the calling thread between attempts, at most kLongestWait at a time; tests count instead.
  Downloader(Files& files, HttpClient& http, const Clock& clock, Wait wait = waitHere)
      : files_(files), http_(http), clock_(clock), wait_(std::move(wait)) {}

  // The same, by another client.
  Downloader over(HttpClient& http) const { return {files_, http, clock_, wait_}; }

  // Retries what may pass (connection lost, 5xx) with back-off and jitter, resuming by Range: up to
  // limits::kDownloadAttempts times in a row without getting noticeably further. Starts over where the object changed or the
  // server ignores Range. `cancelled` is looked at between reads. The folder of request.file exists. A file that is there
  // already and has the hash is the answer. Errors: content-mismatch (size or hash), network-unreachable, network-slow,
  // network-protocol, redirect-refused, not-found, denied, cancelled, archive-limit, disk-full. What was received stays for
  // a resume where the network failed or the change was cancelled, and is removed otherwise.
  Result<DownloadedPackage> download(const DownloadRequest& request, const std::atomic<bool>& cancelled,
                                     const Progress& progress = {});

  // The same object in pieces, as they are asked for: RangedZip::open says when there is none. `request`'s folder exists;
  // `cancelled` outlives the zip.
  Result<std::unique_ptr<RangedZip>> openRanged(DownloadRequest request, const std::atomic<bool>& cancelled,
                                                Progress progress);

  static constexpr Millis kLongestWait{100};
  static void waitHere(Millis time);

 private:
  Files& files_;
  HttpClient& http_;
  const Clock& clock_;
  Wait wait_;
};

}  // namespace tenon::host
