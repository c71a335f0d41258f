#include "host/pack/Signer.h"

namespace tenon::host {

std::string signManifest(const std::vector<SecretKeyBytes>& keys, std::string_view manifest) {
  std::vector<SignatureLine> lines;
  for (const auto& key : keys) lines.push_back({keyId(publicKeyOf(key)), signEd25519(key, manifest)});
  return toSignatureFile(lines);
}

ArtifactSignature signArtifact(const SecretKeyBytes& key, const Release& release, const Digest& zipSha256) {
  const SignatureBytes signature = signEd25519(key, ArtifactSignature::payload(release, zipSha256));
  return {
      .keyId = keyId(publicKeyOf(key)), .valueBase64 = toBase64(asText(signature)), .release = release, .sha256 = zipSha256};
}

}  // namespace tenon::host
