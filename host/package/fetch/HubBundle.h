// A bundle in the place of a hub: answers what HubClient and Downloader ask, from one file. Any thread.
#pragma once

#include <memory>

#include "host/adapter/Files.h"
#include "host/contract/release/Release.h"
#include "host/http/HttpClient.h"
#include "host/package/zip/ZipDirectory.h"

namespace tenon::host {

class HubBundle final : public HttpClient {
 public:
  // The hub's address for those who ask it; no request leaves this machine.
  static constexpr const char* kAddress = "http://bundle.invalid";

  // Errors: format-invalid (no bundle), archive-*, not-found, the disk's.
  static Result<std::unique_ptr<HubBundle>> open(Files& files, const Path& file);

  const Release& release() const { return release_; }

  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) override;
  Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                              const HttpBodySink& body) override;

 private:
  HubBundle(ReadFile file, ZipDirectory directory, Release release)
      : file_(std::move(file)), directory_(std::move(directory)), release_(std::move(release)) {}

  ReadFile file_;
  ZipDirectory directory_;
  Release release_;
};

}  // namespace tenon::host
