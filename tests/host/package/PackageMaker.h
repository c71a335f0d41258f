// Makes signed service packages, as `tenon pack` does, and ones that are wrong in exactly one place.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "host/contract/release/PackageManifest.h"
#include "host/trust/KeyRing.h"
#include "host/trust/Sha256.h"
#include "host/trust/SignatureVerifier.h"
#include "tests/host/package/ZipMaker.h"

namespace tenon::host {

inline Release releaseNamed(std::string_view service, std::string_view version, std::string_view platform = "linux-x64") {
  return {ServiceId::parse(service).value(), SemVer::parse(version).value(), PlatformId::parse(platform).value()};
}

inline std::string serviceJson(const std::string& service, const std::string& version,
                               const std::string& required = "app/") {
  return R"({"service_id":")" + service + R"(","version":")" + version +
         R"(","name":"A service","platforms":{"linux-x64":{"entrypoint":"app/main.py","exec":{"type":"argv","program":"app/main.py"},)" +
         R"("default_port":5101,"files":{"requires":["service.json",")" + required + R"("]}}},)" +
         R"("health_check":{"type":"http","endpoint":"/health"},"env_schema":{}})";
}

class PackageMaker {
 public:
  PackageMaker() : key_(generateSecretKey()) { EXPECT_TRUE(ring_.add(publicKeyOf(key_), "author", "test")); }

  const KeyRing& ring() const { return ring_; }
  const SecretKeyBytes& key() const { return key_; }

  // What the package holds; a test may change everything before zip() is called.
  Release release = releaseNamed("asr", "1.3.0");
  struct Content {
    std::string text;
    ManifestFile::Kind kind = ManifestFile::Kind::Plain;
    bool deflate = false;
  };
  std::map<std::string, Content> files{
      {"service.json", {serviceJson("asr", "1.3.0"), ManifestFile::Kind::Plain, true}},
      {"app/main.py", {"#!/usr/bin/env python3\nprint('hello')\n", ManifestFile::Kind::Executable, true}},
      {"models/weights.bin", {std::string(3000, 'w')}}};

  PackageManifest manifest() const {
    PackageManifest made{release, 1, {}};
    for (const auto& [path, content] : files)
      made.files.push_back({sha256(content.text), content.kind, content.text.size(), path});
    return made;
  }

  // MANIFEST, MANIFEST.sig and the files, in the order in which they belong.
  MadeZip zip() const { return zipWith(manifest().text()); }
  MadeZip zipWith(const std::string& manifestText) const {
    MadeZip zip;
    const auto signature = signEd25519(key_, manifestText);
    zip.entries.push_back(entry(std::string(kManifestName), {manifestText, ManifestFile::Kind::Plain, true}));
    zip.entries.push_back(
        entry(std::string(kManifestSignatureName), {toSignatureFile({{keyId(publicKeyOf(key_)), signature}})}));
    for (const auto& [path, content] : files) zip.entries.push_back(entry(path, content));
    return zip;
  }
  // As the origin's tools made them: no MANIFEST.
  MadeZip plainZip() const {
    MadeZip zip;
    for (const auto& [path, content] : files) zip.entries.push_back(entry(path, content));
    return zip;
  }
  ArtifactSignature artifactSignature(const std::string& zipBytes) const {
    const auto digest = sha256(zipBytes);
    const auto signature = signEd25519(key_, ArtifactSignature::payload(release, digest));
    return {keyId(publicKeyOf(key_)), toBase64(asText(signature)), release, digest};
  }

  static MadeEntry entry(const std::string& path, const Content& content) {
    MadeEntry made;
    made.name = path;
    made.content = content.text;
    made.deflate = content.deflate;
    const bool ascii = std::all_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) made.flags = 0x0800;
    const auto mode = content.kind == ManifestFile::Kind::Symlink      ? 0120777U
                      : content.kind == ManifestFile::Kind::Executable ? 0100755U
                                                                       : 0100644U;
    made.attributes = mode << 16;
    return made;
  }

 private:
  SecretKeyBytes key_;
  KeyRing ring_;
};

}  // namespace tenon::host
