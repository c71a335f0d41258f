#include "host/trust/SignatureVerifier.h"

#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

Error unsignedPackage(const std::string& what) {
  return Error(ErrorCode::SignatureInvalid, what).withHint("sign it: tenon pack FOLDER --key release.key");
}

Error wrongBytes(const std::string& what, std::string_view id) {
  return Error(ErrorCode::SignatureInvalid, what + " is not what key " + shortKeyId(id) + " signed")
      .withHint("it was damaged or changed after signing; fetch it again, and ask its author if that does not help");
}

Error revokedKey(const std::string& what, std::string_view id) {
  return Error(ErrorCode::KeyRevoked, what + " is signed by key " + shortKeyId(id) + ", which is revoked")
      .withHint("its author must sign it again with a key that is still trusted");
}

Error unknownKeys(const std::string& what, const std::string& keys) {
  return Error(ErrorCode::KeyUnknown, what + " is signed only by keys that this node does not trust: " + keys)
      .withHint("if you trust its author: tenon agent --trust FILE, with their .pub file");
}

Error tooFew(std::size_t signs, std::size_t threshold) {
  return Error(ErrorCode::ThresholdUnmet, "MANIFEST is signed by " + std::to_string(signs) + " of the " +
                                              std::to_string(threshold) + " release keys that it needs")
      .withHint("its author packs it with all of the keys: tenon pack FOLDER --key A.key --key B.key");
}

Error wrongRole(std::string_view id) {
  return Error(ErrorCode::KeyRole, "MANIFEST is signed by key " + shortKeyId(id) + ", which is no release key")
      .withHint("sign it with a release key of the root; tenon trust show lists them");
}

std::string describe(const TrustedKey& key) { return key.alias.empty() ? shortKeyId(key.id) : key.alias; }

Result<void> checkBinding(const std::optional<Release>& expected, const Release& found, const std::string& where) {
  if (!expected || *expected == found) return {};
  return Error(ErrorCode::BindingMismatch, "asked for " + expected->text() + ", but " + where + " is of " + found.text())
      .withHint("the hub serves this package under a wrong name");
}

Result<std::string> checkManifest(const ReleaseSigners& signers, const PackageClaims& claims);
Result<std::string> checkArtifact(const ReleaseSigners& signers, const ArtifactSignature& signature, const Digest& zip);

}  // namespace

ReleaseSigners ReleaseSigners::of(const RootDocument& root) {
  const RoleKeys& role = root.role(TrustRole::Release);
  ReleaseSigners signers{.keys = {}, .threshold = role.threshold, .onlyByManifest = true, .otherKeys = {}};
  for (const auto& [id, key] : root.keys) {
    if (role.keys.contains(id)) {
      // Nobody gives these keys names, and no id can be that of two keys: there is nothing to refuse.
      static_cast<void>(signers.keys.add(key, "", "root " + std::to_string(root.version)));
    } else {
      signers.otherKeys.insert(id);
    }
  }
  for (const auto& id : root.revokedKeys) signers.keys.revoke(id);
  return signers;
}

void SignatureVerifier::trust(ReleaseSigners signers) {
  auto shared = std::make_shared<const ReleaseSigners>(std::move(signers));
  const std::lock_guard lock(mutex_);
  signers_ = std::move(shared);
}

Result<VerifiedPackage> SignatureVerifier::verify(DownloadedPackage package, const PackageClaims& claims,
                                                  const std::optional<Release>& expected) const {
  const auto signers = [&] {
    const std::lock_guard lock(mutex_);
    return signers_;
  }();
  if (claims.manifest) {
    TENON_TRY(std::string signedBy, checkManifest(*signers, claims));
    TENON_TRY(PackageManifest manifest, PackageManifest::parse(*claims.manifest));
    TENON_CHECK(checkBinding(expected, manifest.release, "MANIFEST"));
    VerifiedPackage verified(std::move(package), manifest.release);
    verified.manifest_ = std::move(manifest);
    verified.identity_ = sha256(*claims.manifest);
    verified.signedBy_ = std::move(signedBy);
    return verified;
  }
  // Whoever took MANIFEST out may want to have it judged by an older, weaker signature.
  if (claims.manifestSignature) return unsignedPackage("the package has MANIFEST.sig, but no MANIFEST");
  if (signers->onlyByManifest) {
    return unsignedPackage(
        "the package has no MANIFEST, and this node trusts by a root: an artifact signature is not enough");
  }
  if (!claims.artifactSignature)
    return unsignedPackage("the package is not signed: it has no MANIFEST and no artifact signature");
  const ArtifactSignature& signature = *claims.artifactSignature;
  TENON_TRY(std::string signedBy, checkArtifact(*signers, signature, package.sha256));
  TENON_CHECK(checkBinding(expected, signature.release, "the signature"));
  VerifiedPackage verified(std::move(package), signature.release);
  verified.identity_ = verified.package_.sha256;
  verified.signedBy_ = std::move(signedBy);
  return verified;
}

namespace {

// → the key id
Result<std::string> checkManifest(const ReleaseSigners& signers, const PackageClaims& claims) {
  if (!claims.manifestSignature || claims.manifestSignature->empty()) {
    return unsignedPackage("the package is not signed: it has MANIFEST, but no MANIFEST.sig");
  }
  TENON_TRY(const std::vector<SignatureLine> lines, parseSignatureFile(*claims.manifestSignature));
  std::optional<Error> revoked, wrong, otherRole;
  std::string unknown, first;
  std::size_t signs = 0;
  for (const SignatureLine& line : lines) {
    const TrustedKey* key = signers.keys.byId(line.keyId);
    if (signers.keys.isRevoked(line.keyId)) {
      revoked = revokedKey("MANIFEST", line.keyId);
    } else if (signers.otherKeys.contains(line.keyId)) {
      otherRole = wrongRole(line.keyId);
    } else if (key == nullptr) {
      unknown += (unknown.empty() ? "" : ", ") + shortKeyId(line.keyId);
    } else if (verifyEd25519(key->key, *claims.manifest, asText(line.signature))) {
      if (signs++ == 0) first = key->id;
    } else {
      wrong = wrongBytes("MANIFEST", key->id);
    }
  }
  if (signs >= signers.threshold) return first;
  // A trusted key that disagrees says more than one that may not speak, and that more than a stranger.
  if (wrong) return *std::move(wrong);
  if (revoked) return *std::move(revoked);
  if (signs > 0) return tooFew(signs, signers.threshold);
  if (otherRole) return *std::move(otherRole);
  return unknownKeys("MANIFEST", unknown);
}

Result<std::string> checkArtifact(const ReleaseSigners& signers, const ArtifactSignature& signature, const Digest& zip) {
  const TrustedKey* key = signers.keys.byId(signature.keyId);
  if (key == nullptr) key = signers.keys.byAlias(signature.keyId);
  if (key == nullptr) {
    const bool isId = Digest::parse(signature.keyId).has_value();
    Error error = unknownKeys("the package", isId ? shortKeyId(signature.keyId) : signature.keyId);
    if (!isId) {
      error.withHint("if you trust its author, name the key: " + std::string(kPublicKeysVariable) + "=" + signature.keyId +
                     "=<base64 of the public key>");
    }
    return error;
  }
  if (key->revoked) return revokedKey("the package", describe(*key));
  const auto bytes = fromBase64(signature.valueBase64);
  if (!bytes) return Error(ErrorCode::FormatInvalid, "artifact signature: " + bytes.error().message());
  // Over the hash of the zip that is here, not over the one that the signature claims.
  if (!verifyEd25519(key->key, ArtifactSignature::payload(signature.release, zip), *bytes)) {
    return wrongBytes("the package", describe(*key));
  }
  return key->id;
}

}  // namespace

}  // namespace tenon::host
