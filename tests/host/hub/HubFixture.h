// A hub on a port of its own, and the requests that its users make.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>

#include "host/base/Json.h"
#include "host/http/HttpClient.h"
#include "host/hub/HubServer.h"
#include "tests/host/package/PackageMaker.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

class HubLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_ += std::string(text) + "\n";
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

inline std::string memberOf(const std::string& body, std::string_view key) {
  const auto json = Json::parse(body);
  const auto member = json ? json->find(key) : std::nullopt;
  return member ? member->string().value_or("") : "";
}

class HubFixture : public ::testing::Test {
 protected:
  void SetUp() override { serve(); }

  void serve(const SignatureVerifier* verifier = nullptr) {
    hub_.reset();
    auto opened =
        HubServer::open({.data = folder_ / "data", .listen = "127.0.0.1:0", .tokenFile = {}, .indexKeys = indexKeys_},
                        {*files_, pool_, clock_, log_, verifier});
    if (!opened) throw std::runtime_error(opened.error().message());
    hub_ = *std::move(opened);
    hub_->start();
  }

  static PackageMaker packageOf(const std::string& service, const std::string& version) {
    PackageMaker maker;
    maker.release = releaseNamed(service, version);
    maker.files["service.json"].text = serviceJson(service, version);
    return maker;
  }

  HttpResponse get(const std::string& path, const HttpHeaders& headers = {}, const std::string& method = "GET") {
    return sent({.method = method, .url = url(path), .headers = headers});
  }
  HttpResponse publish(const std::string& zip, const std::optional<ArtifactSignature>& signature = std::nullopt,
                       const std::string& query = "") {
    HttpRequestOptions request{.method = "POST", .url = url("/v1/uploads" + query), .body = zip};
    request.headers = {{"Authorization", "Bearer " + token()}};
    if (signature) request.headers.emplace_back("Tenon-Artifact-Signature", toBase64(signature->toJson().text()));
    return sent(request);
  }
  HttpResponse sent(const HttpRequestOptions& request) {
    auto answer = client_.fetch(request, 8 * limits::MiB);
    if (!answer) {
      ADD_FAILURE() << answer.error().message();
      return {};
    }
    return *std::move(answer);
  }
  std::string url(const std::string& path) const { return "http://" + hub_->address() + path; }
  std::string token() const {
    const std::string text = folder_.read("data/token");
    return text.substr(0, text.find('\n'));
  }
  // Nothing of a refused upload is left.
  bool isClean() { return files_->list(folder_ / "data/uploads")->empty(); }

  IndexKeys indexKeys_;
  MachineFiles files_;
  TempFolder folder_;
  FakeClock clock_;
  HubLog log_;
  WorkerPool pool_{2};
  PocoHttpClient client_;
  std::unique_ptr<HubServer> hub_;
};

}  // namespace tenon::host
