#include "host/pack/Signer.h"

#include "host/store/AtomicFile.h"

namespace tenon::host {

std::vector<SignatureLine> manifestSignatures(const std::vector<SecretKeyBytes>& keys, std::string_view manifest) {
  std::vector<SignatureLine> lines;
  for (const auto& key : keys) lines.push_back({keyId(publicKeyOf(key)), signEd25519(key, manifest)});
  return lines;
}

ArtifactSignature signArtifact(const SecretKeyBytes& key, const Release& release, const Digest& zipSha256) {
  const SignatureBytes signature = signEd25519(key, ArtifactSignature::payload(release, zipSha256));
  return {
      .keyId = keyId(publicKeyOf(key)), .valueBase64 = toBase64(asText(signature)), .release = release, .sha256 = zipSha256};
}

Result<void> putPackage(Files& files, const Path& temporary, const Path& package,
                        const std::optional<ArtifactSignature>& signature) {
  const Path beside = artifactSignatureFile(package);
  TENON_CHECK(removeDurably(files, beside));
  TENON_CHECK(files.replace(temporary, package));
  TENON_CHECK(files.syncFolder(package.parent()));
  if (!signature) return {};
  auto written = writeAtomically(files, beside, signature->toJson().pretty());
  if (!written) static_cast<void>(files.removeFile(package));
  return written;
}

}  // namespace tenon::host
