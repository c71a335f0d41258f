// Small releases of one service, packed and signed by host/pack, and the hub that has them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "host/contract/release/HubIndex.h"
#include "host/pack/Packer.h"
#include "host/trust/KeyFile.h"
#include "host/trust/KeyRing.h"
#include "host/trust/Sha256.h"
#include "tests/support/MachineFiles.h"
#include "tests/support/ScriptedHttp.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {

inline ServiceId asr() { return ServiceId::parse("asr").value(); }

struct PackedRelease {
  Release release;
  std::string zip, manifest, signature, service;
};

class ReleaseShop {
 public:
  ReleaseShop() : key_(generateSecretKey()) {
    if (!ring_.add(publicKeyOf(key_), "author", "test")) throw std::logic_error("a key ring that takes no key");
  }

  const KeyRing& ring() const { return ring_; }
  PublicKeyBytes publicKey() const { return publicKeyOf(key_); }
  // That key counts here, too.
  void trust(const ReleaseShop& other) { trust(publicKeyOf(other.key_)); }
  void trust(const PublicKeyBytes& key) {
    if (!ring_.add(key, "other", "test")) throw std::logic_error("a key ring that takes no key");
  }

  // `warm`: how it wants to be switched to. Packed once, however often it is asked for.
  const PackedRelease& release(const std::string& version, bool warm = false, const std::string& execType = "argv") {
    const auto found = packed_.find(version);
    if (found != packed_.end()) return found->second;
    const TempFolder folder, out;
    folder.write("service.json", serviceJson(version, warm, execType));
    folder.write("app/serve", "#!/bin/sh\nexec serve " + version + "\n");
    folder.write("app/lib/words.txt", "words of " + version + "\n");
    folder.write("models/weights.bin", weights());
    WorkerPool pool(1);
    MachineFiles files;
    PackRequest request;
    request.folder = folder.path();
    request.workingFolder = out.path();
    request.keys = {key_};
    const auto made = Packer(*files, pool).pack(request);
    if (!made) throw std::runtime_error(made.error().message());
    const auto manifest = made->manifest.text();
    return packed_
        .emplace(version,
                 PackedRelease{made->manifest.release, out.read(made->file.name()), manifest,
                               toSignatureFile(signaturesOf({key_}, manifest)), serviceJson(version, warm, execType)})
        .first->second;
  }

  // What models/weights.bin holds: bytes that no packer makes smaller, so that they stand in the zip as they are.
  static std::string weights() {
    std::string text;
    for (int i = 0; i < 64; ++i) text += asText(sha256("weights " + std::to_string(i)).bytes());
    return text;
  }

 private:
  static std::string serviceJson(const std::string& version, bool warm, const std::string& execType) {
    return R"({"service_id":"asr","version":")" + version +
           R"(","name":"Speech","platforms":{"linux-x64":{"entrypoint":"app/serve","exec":{"type":")" + execType +
           R"(","program":"app/serve"},"default_port":5101,"resources":{"memory_mb":512},"files":{"requires":["service.json","app/","models/"]}}},)" +
           R"("health_check":{"type":"http","endpoint":"/health","startup_grace_ms":400,"interval_ms":60000},)" +
           R"("env_schema":{"LOG_LEVEL":{"type":"string","default":"info"},"WORKERS":{"type":"integer"}},"env":{"OF":")" +
           version + R"("},"upgrade":{"strategy":")" + (warm ? "warm" : "cold") + R"(","probation_ms":100,"drain_ms":10}})";
  }

  SecretKeyBytes key_;
  KeyRing ring_;
  std::map<std::string, PackedRelease> packed_;
};

// What an agent's HttpClient reaches. A test changes it while no agent asks.
class TestHub {
 public:
  // Adds a release, or takes other bytes for the zip of one that it lists.
  void publish(const PackedRelease& release) { releases_.insert_or_assign(release.release.version.text(), release); }
  void sendInstead(const std::string& version, std::string zip) { instead_[version] = std::move(zip); }
  void withdraw(const std::string& version) { releases_.erase(version); }
  std::size_t downloads = 0;
  std::function<void()> beforeDownload = [] {};
  // Answers before the hub does, where it has an answer.
  std::function<std::optional<ScriptedAnswer>(const HttpRequestOptions&)> before = [](const auto&) { return std::nullopt; };

  ScriptedAnswer answer(const HttpRequestOptions& request) {
    if (auto answered = before(request)) return *std::move(answered);
    if (request.url.find("/api/services") != std::string::npos) return ScriptedAnswer{.body = index().toJson()};
    for (const auto& [version, release] : releases_) {
      const auto at = request.url.find("/" + version + "/linux-x64/");
      if (at == std::string::npos) continue;
      if (request.url.ends_with("/MANIFEST")) return ScriptedAnswer{.body = release.manifest};
      if (request.url.ends_with("/service.json")) return ScriptedAnswer{.body = release.service};
      if (request.url.ends_with("/MANIFEST.sig")) return ScriptedAnswer{.body = release.signature};
      ++downloads;
      beforeDownload();
      const auto other = instead_.find(version);
      return ScriptedHttp::serve(request, other == instead_.end() ? release.zip : other->second, "\"v1\"");
    }
    return ScriptedAnswer{.status = 404};
  }

 private:
  HubIndex index() const {
    HubService service{asr(), "Speech", {}};
    for (const auto& [version, made] : releases_) {
      service.variants.push_back({made.release, "/storage/services/asr/" + version + "/linux-x64/service.zip",
                                  sha256(made.zip), made.zip.size(), "\"v1\"", std::nullopt});
    }
    HubIndex index;
    if (!service.variants.empty()) index.services.push_back(std::move(service));
    return index;
  }

  std::map<std::string, PackedRelease> releases_;
  std::map<std::string, std::string> instead_;
};

}  // namespace tenon::host
