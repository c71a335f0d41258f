// A node and a hub of which the test holds both ends: one package, published, and a manager that installs it.
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "host/package/ServicePackageManager.h"
#include "tests/host/package/PackageMaker.h"
#include "tests/support/ScriptedHttp.h"

namespace tenon::host {

class PackageWorld {
 public:
  explicit PackageWorld(const Path& root) : layout_(root) {
    http_.otherwise = [this](const HttpRequestOptions& request) { return answer(request); };
    publish();
  }
  PackageWorld(const PackageWorld&) = delete;
  PackageWorld& operator=(const PackageWorld&) = delete;

  PackageMaker maker;
  bool hasHub = true, withManifest = true, servesManifest = true;
  std::optional<std::size_t> cutAfter, cutModelsAfter;
  std::map<std::string, std::string> models;      // by the hub's path
  std::optional<ScriptedAnswer> signatureAnswer;  // to a request for MANIFEST.sig, instead of it
  // How the hub answers a request for the zip.
  std::function<ScriptedAnswer(const HttpRequestOptions&, const std::string& zip)> zipServer =
      [](const HttpRequestOptions& request, const std::string& zip) { return ScriptedHttp::serve(request, zip, "\"v1\""); };
  ServicePackageManager::Accept accept;
  std::function<void()> whileUnpacking = [] {};
  std::vector<std::string> steps;
  std::vector<std::uint64_t> fetched;  // as progress told it

  // The hub now has what the maker makes.
  void publish() { serve((withManifest ? maker.zip() : maker.plainZip()).bytes()); }
  // The hub now has these bytes, listed as the maker's release.
  void serve(std::string bytes) {
    zip_ = std::move(bytes);
    served_.reset();
  }
  // The hub sends these bytes, and lists what it had.
  void swap(std::string bytes) { served_ = std::move(bytes); }
  const std::string& zipBytes() const { return zip_; }

  HubVariant variant() const {
    HubVariant made{maker.release, "/storage/services/asr/" + maker.release.version.text() + "/linux-x64/service.zip",
                    sha256(zip_),  zip_.size(),
                    "\"v1\"",      std::nullopt};
    if (!withManifest) made.signature = maker.artifactSignature(zip_);
    return made;
  }

  // Made anew each time, as after a restart of the agent.
  class Node {
   public:
    Node(PackageWorld& world, Files& files)
        : downloader_(files, world.http_, world.clock_, [](Millis) {}),
          hub_(HubClient::create(world.http_, "http://hub", [](Millis) {}).value()),
          verifier_(world.maker.ring()),
          source{world.hasHub ? &hub_ : nullptr, &downloader_},
          manager_({files, world.pool_, verifier_}, world.layout_, {"linux-x64"}) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ServicePackageManager* operator->() { return &manager_; }

   private:
    Downloader downloader_;
    HubClient hub_;
    SignatureVerifier verifier_;

   public:
    const PackageSource source;

   private:
    ServicePackageManager manager_;
  };

  Result<StagedRelease> fetch(Files& files) {
    Recorder progress(*this);
    Node node(*this, files);
    return node->fetch({node.source, variant(), accept, journal(), cancelled}, progress);
  }
  Result<StagedRelease> take(Files& files, const Path& zip) {
    Recorder progress(*this);
    return Node(*this, files)->take(zip, accept, journal(), progress);
  }

  // How often something with this ending was asked for.
  std::size_t requested(std::string_view ending) const {
    return static_cast<std::size_t>(
        std::count_if(http_.requests.begin(), http_.requests.end(),
                      [&](const HttpRequestOptions& request) { return request.url.ends_with(ending); }));
  }
  void forgetRequests() {
    http_.requests.clear();
    zipBytesSent = 0;
  }
  std::uint64_t zipBytesSent = 0;
  const std::vector<HttpRequestOptions>& requests() const { return http_.requests; }
  FakeClock& clock() { return clock_; }

  std::atomic<bool> cancelled{false};

 private:
  class Recorder final : public PackageProgress {
   public:
    explicit Recorder(PackageWorld& world) : world_(world) {
      world_.steps.clear();
      world_.fetched.clear();
    }
    void step(std::string_view name, std::string_view) override { world_.steps.emplace_back(name); }
    void bytes(std::uint64_t done, std::uint64_t total) override {
      EXPECT_LE(done, total);
      if (world_.steps.back() == "fetch") world_.fetched.push_back(done);
      if (world_.steps.back() == "unpack") world_.whileUnpacking();
    }

   private:
    PackageWorld& world_;
  };

  static JournalRecord journal() {
    JournalRecord record;
    record.change = 7;
    record.operation = "install";
    return record;
  }

  ScriptedAnswer answer(const HttpRequestOptions& request) {
    if (request.url.find("/api/services") != std::string::npos) return list(request);
    if (request.url.ends_with("/service.zip")) {
      auto served = zipServer(request, served_.value_or(zip_));
      if (cutAfter) served.cutAfter = cutAfter;
      zipBytesSent += served.cutAfter.value_or(served.body.size());
      return served;
    }
    for (const auto& [path, content] : models) {
      if (!request.url.ends_with(path)) continue;
      auto served = ScriptedHttp::serve(request, content, "\"m\"");
      served.cutAfter = cutModelsAfter;
      return served;
    }
    if (request.url.ends_with("/service.json")) return ScriptedAnswer{.body = maker.files["service.json"].text};
    if (signatureAnswer && request.url.ends_with("/MANIFEST.sig")) return *signatureAnswer;
    if (request.url.ends_with("/MANIFEST.sig") && servesManifest) {
      return ScriptedAnswer{
          .body = toSignatureFile({{keyId(publicKeyOf(maker.key())), signEd25519(maker.key(), maker.manifest().text())}})};
    }
    const bool hasManifest = request.url.ends_with("/MANIFEST") && withManifest && servesManifest;
    return hasManifest ? ScriptedAnswer{.body = maker.manifest().text()} : ScriptedAnswer{.status = 404};
  }

  ScriptedAnswer list(const HttpRequestOptions& request) const {
    HubIndex index;
    if (request.url.find("service_id=asr") != std::string::npos)
      index.services.push_back({maker.release.service, "ASR", {variant()}});
    return ScriptedAnswer{.body = index.toJson()};
  }

  PackageLayout layout_;
  FakeClock clock_;
  ScriptedHttp http_{clock_};
  WorkerPool pool_{1};
  std::string zip_;
  std::optional<std::string> served_;
};

}  // namespace tenon::host
