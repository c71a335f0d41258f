// The hub's routes [origin]: lists, variants, downloads, uploads. What it routes to outlives the server. Any thread.
#pragma once

#include "host/hub/HubCatalog.h"
#include "host/hub/HubStore.h"
#include "host/hub/PackageUpload.h"

namespace tenon::host {

class HubApi {
 public:
  HubApi(const HubStore& store, HubCatalog& catalog, PackageUpload& upload)
      : store_(store), catalog_(catalog), upload_(upload) {}

  Router routes();

 private:
  void list(const HttpRequest& request, HttpReply& reply);
  void variant(const HttpRequest& request, HttpReply& reply);
  void download(const HttpRequest& request, HttpReply& reply, std::string_view file, std::string_view type);
  // The release that {id}/{version}/{platform} name. not-found, also where they can name none.
  Result<HubRelease> named(const HttpRequest& request) const;

  const HubStore& store_;
  HubCatalog& catalog_;
  PackageUpload& upload_;
};

}  // namespace tenon::host
