// A package's zip of which only what is needed is fetched: its directory and MANIFEST first, then the entries that are asked
// for. All of it is a hint until MANIFEST's signature is checked, and each file's hash after that. One thread, but for
// zip().
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "host/base/Clock.h"
#include "host/http/HttpClient.h"
#include "host/package/PackageReader.h"
#include "host/package/fetch/Attempts.h"
#include "host/package/fetch/RangedPart.h"

namespace tenon::host {

class RangedZip final : public PackageContent {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // All outlive the zip.
  struct With {
    Files& files;
    HttpClient& http;
    const Clock& clock;
    const Attempts::Wait& wait;
    const std::atomic<bool>& cancelled;
  };

  // Fetches the directory. Null where the zip is better fetched as one stream: the hub sends no ranges, the object is
  // another one by now, or this is no zip that begins with MANIFEST. Errors: network-*, not-found, denied, cancelled, the
  // disk's; what was fetched stays where a resume can use it.
  static Result<std::unique_ptr<RangedZip>> open(With with, DownloadRequest request, Progress progress);

  const ByteSource& zip() const override { return part_; }
  const ZipDirectory& directory() const override { return *directory_; }
  Result<void> bring(const std::vector<const ZipEntry*>& entries) override;

  // Bytes that bring() would have to fetch.
  std::uint64_t missingOf(const std::vector<const ZipEntry*>& entries) const;
  bool resumed() const { return part_.resumed(); }
  // An answer said that this zip cannot be fetched in pieces (any more): the error of bring() then means only that.
  bool unusable() const { return unusable_; }
  void discard() { part_.discard(); }

 private:
  RangedZip(With with, const DownloadRequest& request, Progress progress)
      : with_(with), url_(request.url), part_(with.files, request), progress_(std::move(progress)) {}
  Result<bool> readDirectory();
  Result<void> fetchPlanned();
  Result<void> request();
  Result<void> judge(const HttpResponse& head, RangeAnswer& answer);
  Result<void> take(std::string_view bytes);
  Error useless(const std::string& why);

  With with_;
  std::string url_;
  RangedPart part_;
  Progress progress_;
  std::optional<ZipDirectory> directory_;
  bool several_ = true;  // the hub has not refused yet to answer several ranges at once
  bool unusable_ = false;
  bool final_ = false;  // the answer will not change
};

}  // namespace tenon::host
