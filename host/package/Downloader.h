// Brings one zip to this disk: resumed where it broke off, hashed in the pass that writes it, cut at its announced size.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Clock.h"
#include "host/http/HttpClient.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

struct DownloadRequest {
  std::string url;
  Path file;                // <cache>/<name>.zip; <file>.part while in flight, and kept for a later resume
  std::uint64_t sizeBytes;  // announced
  Digest sha256;            // announced; the bytes must have it
  std::string etag;         // may be empty; If-Range when resuming
};

class Downloader {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  Downloader(Files& files, HttpClient& http, const Clock& clock) : files_(files), http_(http), clock_(clock) {}

  // Retries what may pass (connection lost, 5xx) up to limits::kDownloadAttempts with back-off, resuming by Range; starts over
  // where the object changed or the server ignores Range. `cancelled` is looked at between reads.
  // Errors: content-mismatch (size or hash), network-unreachable, network-slow, network-protocol, redirect-refused, disk-full.
  Result<DownloadedPackage> download(const DownloadRequest& request, const std::atomic<bool>& cancelled,
                                     const Progress& progress = {});

 private:
  Files& files_;
  HttpClient& http_;
  const Clock& clock_;
};

}  // namespace tenon::host
