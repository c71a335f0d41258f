// POST /v1/uploads: one package from its first byte to its place in the catalogue. Any thread.
#pragma once

#include <atomic>

#include "host/base/Clock.h"
#include "host/http/HttpServer.h"
#include "host/hub/HubCatalog.h"
#include "host/hub/HubStore.h"
#include "host/hub/HubToken.h"
#include "host/hub/PackageCheck.h"

namespace tenon::host {

class PackageUpload {
 public:
  // All outlive it. `verifier`: null where the hub has no keys.
  struct Collaborators {
    Files& files;
    const Clock& clock;
    Log& log;
    HubStore& store;
    HubCatalog& catalog;
    const HubToken& token;
    const SignatureVerifier* verifier;
  };
  explicit PackageUpload(Collaborators with) : with_(with) {}

  // 201 where it is new, 200 where these very bytes were there.
  void answer(HttpRequest& request, HttpReply& reply);

 private:
  struct Published {
    HubRelease release;
    bool isNew;
  };
  Result<Published> take(HttpRequest& request);
  Result<DownloadedPackage> receive(HttpRequest& request, const UploadFolder& upload, std::uint64_t length);
  Result<Published> publish(UploadFolder upload, const HubRelease& release, const CheckedPackage& checked);

  Collaborators with_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace tenon::host
