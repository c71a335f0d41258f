// A client that counts the bytes of the bodies that come.
#pragma once

#include "host/http/HttpClient.h"
#include "host/metrics/Measurements.h"

namespace tenon::host {

// Both outlive it.
class MeasuredHttpClient final : public HttpClient {
 public:
  MeasuredHttpClient(HttpClient& client, Measurements& measured) : client_(client), measured_(measured) {}
  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) override;
  Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                              const HttpBodySink& body) override;

 private:
  HttpClient& client_;
  Measurements& measured_;
};

}  // namespace tenon::host
