// Decides whether a downloaded package is what a trusted key signed. The only maker of a VerifiedPackage, so unpacking what
// was not verified does not compile.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/contract/release/HubIndex.h"
#include "host/contract/release/PackageManifest.h"
#include "host/trust/KeyRing.h"
#include "host/trust/RootDocument.h"

namespace tenon::host {

// A zip on this disk whose whole bytes have the hash `sha256`; nothing more is known of it.
struct DownloadedPackage {
  Path zip;
  Digest sha256;
  std::uint64_t sizeBytes = 0;
};

// What the package says of itself, as raw bytes out of the zip; absent where it has none.
struct PackageClaims {
  std::optional<std::string> manifest;
  std::optional<std::string> manifestSignature;
  std::optional<ArtifactSignature> artifactSignature;  // from the hub or FILE.sig.json
};

// Signed by a trusted key, and for the release that was asked for.
class VerifiedPackage {
 public:
  const DownloadedPackage& package() const { return package_; }
  const Release& release() const { return release_; }
  // Absent for a package without MANIFEST, verified by its artifact signature [origin].
  const std::optional<PackageManifest>& manifest() const { return manifest_; }
  // Of MANIFEST, or of the zip where there is none: the release's identity on this node.
  const Digest& identity() const { return identity_; }
  const std::string& signedBy() const { return signedBy_; }  // key id

 private:
  friend class SignatureVerifier;
  VerifiedPackage(DownloadedPackage package, Release release) : package_(std::move(package)), release_(std::move(release)) {}
  DownloadedPackage package_;
  Release release_;
  std::optional<PackageManifest> manifest_;
  Digest identity_;
  std::string signedBy_;
};

// Whose signatures on a package count.
struct ReleaseSigners {
  KeyRing keys;
  std::size_t threshold = 1;                     // so many of them must sign MANIFEST
  bool onlyByManifest = false;                   // an artifact signature alone [origin] is not enough
  std::set<std::string, std::less<>> otherKeys;  // ids of keys that are trusted for something else

  static ReleaseSigners of(const RootDocument& root);  // mode `root`
};

// Any thread.
class SignatureVerifier {
 public:
  explicit SignatureVerifier(KeyRing keys) : SignatureVerifier(ReleaseSigners{.keys = std::move(keys)}) {}
  explicit SignatureVerifier(ReleaseSigners signers) : signers_(std::make_shared<ReleaseSigners>(std::move(signers))) {}

  // From the next call of verify() on.
  void trust(ReleaseSigners signers);

  // With MANIFEST: its signatures by trusted keys, then its text; without: the artifact signature over the zip's hash.
  // `expected`: what was asked for; a difference is binding-mismatch.
  // Errors: signature-invalid (none, or wrong bytes), threshold-unmet, key-unknown, key-role, key-revoked, format-invalid,
  // binding-mismatch.
  Result<VerifiedPackage> verify(DownloadedPackage package, const PackageClaims& claims,
                                 const std::optional<Release>& expected) const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ReleaseSigners> signers_;
};

}  // namespace tenon::host
