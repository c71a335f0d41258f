// Sends a package to a hub: POST /v1/uploads with a bearer token.
#pragma once

#include <functional>
#include <string>

#include "host/adapter/Files.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

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

 private:
  Files& files_;
  HttpClient& http_;
};

}  // namespace tenon::host
