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

std::string describe(const TrustedKey& key) { return key.alias.empty() ? shortKeyId(key.id) : key.alias; }

Result<void> checkBinding(const std::optional<Release>& expected, const Release& found, const std::string& where) {
  if (!expected || *expected == found) return {};
  return Error(ErrorCode::BindingMismatch, "asked for " + expected->text() + ", but " + where + " is of " + found.text())
      .withHint("the hub serves this package under a wrong name");
}

}  // namespace

Result<VerifiedPackage> SignatureVerifier::verify(DownloadedPackage package, const PackageClaims& claims,
                                                  const std::optional<Release>& expected) const {
  if (claims.manifest) {
    TENON_TRY(std::string signedBy, checkManifest(claims));
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
  if (!claims.artifactSignature)
    return unsignedPackage("the package is not signed: it has no MANIFEST and no artifact signature");
  const ArtifactSignature& signature = *claims.artifactSignature;
  TENON_TRY(std::string signedBy, checkArtifact(signature, package.sha256));
  TENON_CHECK(checkBinding(expected, signature.release, "the signature"));
  VerifiedPackage verified(std::move(package), signature.release);
  verified.identity_ = verified.package_.sha256;
  verified.signedBy_ = std::move(signedBy);
  return verified;
}

Result<std::string> SignatureVerifier::checkManifest(const PackageClaims& claims) const {
  if (!claims.manifestSignature || claims.manifestSignature->empty()) {
    return unsignedPackage("the package is not signed: it has MANIFEST, but no MANIFEST.sig");
  }
  TENON_TRY(const std::vector<SignatureLine> lines, parseSignatureFile(*claims.manifestSignature));
  std::optional<Error> revoked, wrong;
  std::string unknown;
  for (const SignatureLine& line : lines) {
    const TrustedKey* key = keys_.byId(line.keyId);
    if (key == nullptr) {
      unknown += (unknown.empty() ? "" : ", ") + shortKeyId(line.keyId);
    } else if (key->revoked) {
      revoked = revokedKey("MANIFEST", key->id);
    } else if (verifyEd25519(key->key, *claims.manifest, asText(line.signature))) {
      return key->id;
    } else {
      wrong = wrongBytes("MANIFEST", key->id);
    }
  }
  // A trusted key that disagrees says more than one that may not speak, and that more than a stranger.
  if (wrong) return *std::move(wrong);
  if (revoked) return *std::move(revoked);
  return unknownKeys("MANIFEST", unknown);
}

Result<std::string> SignatureVerifier::checkArtifact(const ArtifactSignature& signature, const Digest& zip) const {
  const TrustedKey* key = keys_.byId(signature.keyId);
  if (key == nullptr) key = keys_.byAlias(signature.keyId);
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

}  // namespace tenon::host
