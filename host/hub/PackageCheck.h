// Is this zip a package that a node could install? Structure and agreement; whose signature it is, only where the hub was
// given keys. (What each file holds is checked by every node that unpacks it.) Any thread.
#pragma once

#include <optional>
#include <string>

#include "host/contract/release/HubIndex.h"
#include "host/hub/HubRelease.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

struct CheckedPackage {
  Release release;
  std::string name;
  PackageTexts texts;
};

// `package`: the file and its hash. `signature`: the artifact signature that came along.
// Errors: archive-*, path-unsafe, format-invalid, signature-invalid (none at all), content-* (the zip is not what MANIFEST
// lists), binding-mismatch (MANIFEST, service.json and signature speak of different releases); with keys also key-unknown …
Result<CheckedPackage> checkPackage(Files& files, const DownloadedPackage& package,
                                    const std::optional<ArtifactSignature>& signature, const SignatureVerifier* verifier);

}  // namespace tenon::host
