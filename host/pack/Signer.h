// Signs what release keys sign: MANIFEST, and the artifact payload of the owner's earlier nodes [origin].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/contract/release/HubIndex.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

// The text of MANIFEST.sig with a line of each key.
std::string signManifest(const std::vector<SecretKeyBytes>& keys, std::string_view manifest);
ArtifactSignature signArtifact(const SecretKeyBytes& key, const Release& release, const Digest& zipSha256);

// Where a package's artifact signature lies: FILE.sig.json beside FILE.
inline constexpr std::string_view kArtifactSignatureSuffix = ".sig.json";
inline Path artifactSignatureFile(const Path& package) {
  return Path(package.text() + std::string(kArtifactSignatureSuffix));
}

}  // namespace tenon::host
