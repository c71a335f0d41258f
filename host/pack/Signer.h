// Signs what release keys sign: MANIFEST, and the artifact payload of the owner's earlier nodes [origin].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/release/HubIndex.h"
#include "host/trust/SignatureFile.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

ArtifactSignature signArtifact(const SecretKeyBytes& key, const Release& release, const Digest& zipSha256);

// Where a package's artifact signature lies: FILE.sig.json beside FILE.
inline constexpr std::string_view kArtifactSignatureSuffix = ".sig.json";
inline Path artifactSignatureFile(const Path& package) {
  return Path(package.text() + std::string(kArtifactSignatureSuffix));
}

// Gives a package that is complete and on disk its name. The signature of an older zip never stands beside a newer one, not
// even for a moment. After an error the old zip is there with its old signature (or neither, as before), or, where only the
// last sync failed, the new ones; a disk that can't link or copy may have lost the signature, never the zip.
Result<void> putPackage(Files& files, const Path& temporary, const Path& package,
                        const std::optional<ArtifactSignature>& signature);

}  // namespace tenon::host
