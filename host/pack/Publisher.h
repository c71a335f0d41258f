// Sends packages and roots to a hub, with a bearer token.
#pragma once

#include <functional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Json.h"
#include "host/contract/SignedText.h"
#include "host/contract/release/Release.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

// Who asks which hub.
struct HubAccess {
  std::string hub;  // http://host:port
  std::string token;
};

struct PublishRequest {
  Path file;        // FILE.sig.json beside it is sent along where it is there
  std::string hub;  // http://host:port
  std::string token;
  std::string channel = "stable";
};

class Publisher {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;
  Publisher(Files& files, HttpClient& http) : files_(files), http_(http) {}

  // Answers the release's URL on the hub. Errors: the hub's own code and message, network-*, unauthenticated,
  // already-exists.
  Result<std::string> publish(const PublishRequest& request, const Progress& progress = {});
  // A root with its signatures; the hub follows it, or says why not.
  Result<void> publishRoot(const HubAccess& access, const SignedText& root);
  // No longer offered, or offered again. not-found.
  Result<void> yank(const HubAccess& access, const Release& release, bool yanked);

 private:
  Result<void> post(const HubAccess& access, const std::string& path, const JsonObject& body);

  Files& files_;
  HttpClient& http_;
};

}  // namespace tenon::host
