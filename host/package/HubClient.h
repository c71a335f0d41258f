// Asks a Model Hub what it has [origin]. What it answers is a hint: signatures decide.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/contract/HubIndex.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

class HubClient {
 public:
  // `hub`: http://host:port[/prefix]. usage where it is none. `http` outlives the client.
  static Result<HubClient> create(HttpClient& http, std::string hub);

  // GET /api/services?platform=…&service_id=…; platforms are asked one by one and joined.
  // Errors: network-unreachable, network-protocol, format-invalid.
  Result<HubIndex> list(const std::optional<ServiceId>& service, const std::vector<std::string>& platforms);
  // The variant's url made absolute: relative to the hub, and never to another host (redirect-refused).
  Result<std::string> artifactUrl(const HubVariant& variant) const;
  const std::string& hub() const { return hub_; }

 private:
  HubClient(HttpClient& http, std::string hub) : http_(&http), hub_(std::move(hub)) {}
  HttpClient* http_;
  std::string hub_;
};

}  // namespace tenon::host
