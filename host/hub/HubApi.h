// The hub's routes [origin]: lists, variants, downloads, uploads; ours: roots, indexes, yank. What it routes to outlives the
// server. Any thread.
#pragma once

#include <mutex>

#include "host/hub/HubCatalog.h"
#include "host/hub/HubStore.h"
#include "host/hub/HubTrust.h"
#include "host/hub/PackageUpload.h"

namespace tenon::host {

class HubApi {
 public:
  HubApi(HubStore& store, HubCatalog& catalog, PackageUpload& upload, HubTrust& trust, const HubToken& token)
      : store_(store), catalog_(catalog), upload_(upload), trust_(trust), token_(token) {}

  Router routes();

 private:
  void list(const HttpRequest& request, HttpReply& reply);
  void variant(const HttpRequest& request, HttpReply& reply);
  void download(const HttpRequest& request, HttpReply& reply, std::string_view file, std::string_view type);
  void addTrustRoutes(Router& router);
  Result<void> mayPublish(const HttpRequest& request) const;
  Result<bool> takeRoot(HttpRequest& request);
  Result<bool> yank(HttpRequest& request);
  // The release that {id}/{version}/{platform} name. not-found, also where they can name none.
  Result<HubRelease> named(const HttpRequest& request) const;

  HubStore& store_;
  HubCatalog& catalog_;
  PackageUpload& upload_;
  HubTrust& trust_;
  const HubToken& token_;
  std::mutex yanking_;  // from reading what is said of a release until disk and catalogue say it anew
};

}  // namespace tenon::host
