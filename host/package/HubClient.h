// Asks a Model Hub what it has [origin]. What it answers is a hint: signatures decide. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/contract/SignedText.h"
#include "host/contract/release/HubIndex.h"
#include "host/contract/release/HubModels.h"
#include "host/http/HttpClient.h"
#include "host/package/Downloader.h"

namespace tenon::host {

// What is said to who asks for something of a hub, on a node that was given none.
Error noHub();

class HubClient {
 public:
  // `hub`: http://host:port[/prefix]. usage where it is none. `http` outlives the client. `wait` as of Downloader: a hub
  // that fails is asked again after a pause, up to limits::kDocumentAttempts times in all.
  static Result<HubClient> create(HttpClient& http, std::string hub, Downloader::Wait wait = Downloader::waitHere);

  // GET /api/services?platform=…&service_id=…; platforms are asked one by one and joined, and what a hub lists for another
  // platform is left out. No platforms: all that the hub has.
  // Errors: network-unreachable, network-protocol, format-invalid.
  Result<HubIndex> list(const std::optional<ServiceId>& service, const std::vector<std::string>& platforms);
  // One version on every platform that the hub has it for, also where it is yanked. Empty where it has none.
  Result<std::vector<HubVariant>> variantsOf(const ServiceId& service, const SemVer& version);
  // The variant's url made absolute: relative to the hub (its prefix is put before a path that lacks it), and never to
  // another host (redirect-refused).
  Result<std::string> artifactUrl(const HubVariant& variant) const;
  // MANIFEST as the hub serves it beside the zip. not-found where it serves none.
  Result<std::string> manifestOf(const HubVariant& variant);
  // MANIFEST.sig, likewise.
  Result<std::string> manifestSignatureOf(const HubVariant& variant);
  // service.json, likewise.
  Result<std::string> serviceJsonOf(const HubVariant& variant);
  // GET /api/models [origin]. Errors as of list().
  Result<std::vector<HubModel>> models();
  // Where a file of a model lies; names as in contract/service/ModelReference.h.
  std::string modelUrl(const std::string& id, const std::string& version, const std::string& path) const;
  // GET /v1/root/{version}.json and /v1/index/{platform}.json, each with its .sig. not-found where the hub has none.
  Result<SignedText> root(std::uint64_t version);
  Result<SignedText> index(const PlatformId& platform);
  const std::string& hub() const { return hub_; }

 private:
  HubClient(HttpClient& http, std::string hub, std::string origin, Downloader::Wait wait)
      : http_(&http), hub_(std::move(hub)), origin_(std::move(origin)), wait_(std::move(wait)) {}
  Result<std::string> get(const std::string& url, std::size_t most);
  Result<SignedText> getSigned(const std::string& path, std::size_t most);
  Result<std::string> beside(const HubVariant& variant, std::string_view name, std::size_t most);

  HttpClient* http_;
  std::string hub_;     // without a '/' at the end
  std::string origin_;  // http://host:port
  Downloader::Wait wait_;
};

}  // namespace tenon::host
