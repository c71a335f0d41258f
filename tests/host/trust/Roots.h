// A root with its keys, the same in every run, and documents signed by whichever of them a test likes.
#pragma once

#include <initializer_list>
#include <string>

#include "host/contract/release/ReleaseIndex.h"
#include "host/trust/RootChain.h"
#include "host/trust/Sha256.h"
#include "tests/host/trust/Keys.h"

namespace tenon::host {

// 1, 2, 3: root keys (two must sign); 4: index; 5: release. 6 …: strangers, until a root names them.
inline SecretKeyBytes secretKey(int key) { return testKey(static_cast<unsigned char>(key)); }
inline std::string idOf(int key) { return keyId(publicKeyOf(secretKey(key))); }

inline void giveRole(RootDocument& root, TrustRole role, int key) {
  root.keys.emplace(idOf(key), publicKeyOf(secretKey(key)));
  root.role(role).keys.insert(idOf(key));
}

// Also out of the list of keys, where it has no other role.
inline void takeRole(RootDocument& root, TrustRole role, int key) {
  root.role(role).keys.erase(idOf(key));
  for (const auto& each : root.roles) {
    if (each.keys.contains(idOf(key))) return;
  }
  root.keys.erase(idOf(key));
}

inline RootDocument sampleRoot() {
  RootDocument root;
  for (const int key : {1, 2, 3}) giveRole(root, TrustRole::Root, key);
  root.role(TrustRole::Root).threshold = 2;
  giveRole(root, TrustRole::Index, 4);
  giveRole(root, TrustRole::Release, 5);
  return root;
}

inline RootDocument after(RootDocument root) {
  ++root.version;
  return root;
}

inline SignedText signedBy(const std::string& text, std::initializer_list<int> keys) {
  std::vector<SignatureLine> lines;
  for (const auto key : keys) lines.push_back({idOf(key), signEd25519(secretKey(key), text)});
  return {text, toSignatureFile(lines)};
}
inline SignedText signedBy(const RootDocument& root, std::initializer_list<int> keys) { return signedBy(root.text(), keys); }

// Issued at the fake clock's beginning, good for a week.
inline ReleaseIndex sampleIndex(std::uint64_t sequence) {
  const WallTime issued = parseTime("2026-11-24T07:00:00.000Z").value();
  return {.platform = PlatformId::parse("linux-x64").value(),
          .sequence = sequence,
          .issued = issued,
          .expires = issued + std::chrono::hours{24 * 7},
          .releases = {}};
}

inline IndexedRelease indexed(const std::string& service, const std::string& version, const std::string& manifest = "m") {
  return {.service = ServiceId::parse(service).value(),
          .version = SemVer::parse(version).value(),
          .channel = "stable",
          .sizeBytes = 3,
          .sha256 = sha256("zip"),
          .manifestSha256 = sha256(manifest)};
}

}  // namespace tenon::host
