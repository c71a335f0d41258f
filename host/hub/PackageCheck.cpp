#include "host/hub/PackageCheck.h"

#include "host/contract/service/ServiceManifest.h"
#include "host/package/PackageReader.h"
#include "host/package/fetch/ModelFetcher.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

Error mismatch(const std::string& what, const std::string& found, const Release& release) {
  return Error(ErrorCode::BindingMismatch, what + " is for " + found + ", the package for " + release.text());
}

// Exactly MANIFEST's entries, in its order, after MANIFEST and MANIFEST.sig.
Result<void> checkEntries(const ZipDirectory& zip, const PackageManifest& manifest) {
  constexpr std::size_t kBefore = 2;
  const auto& entries = zip.entries();
  for (std::size_t i = kBefore; i < entries.size(); ++i) {
    const auto* listed = manifest.find(entries[i].name);
    if (listed == nullptr) return Error(ErrorCode::ContentExtra, entries[i].name + " is in the zip and not in MANIFEST");
    if (listed->size != entries[i].size) {
      return Error(ErrorCode::ContentMismatch, entries[i].name + " has another size than MANIFEST says");
    }
    if (i - kBefore >= manifest.files.size() || manifest.files[i - kBefore].path != entries[i].name) {
      return Error(ErrorCode::ArchiveInvalid, entries[i].name + " is not where MANIFEST's order puts it");
    }
  }
  if (entries.size() < manifest.files.size() + kBefore) {
    return Error(ErrorCode::ContentMissing, "the zip has fewer files than MANIFEST");
  }
  return {};
}

Result<std::string> serviceJsonOf(const PackageContent& content, const PackageManifest* manifest) {
  const ZipEntry* const entry = content.directory().find(kServiceJsonName);
  if (entry == nullptr) return Error(ErrorCode::ContentMissing, "the package has no service.json");
  TENON_TRY(std::string text, readSmallEntry(content.zip(), *entry, limits::kServiceJsonBytes));
  if (manifest != nullptr) {
    const auto* listed = manifest->find(kServiceJsonName);
    if (listed == nullptr || listed->sha256 != sha256(text)) {
      return Error(ErrorCode::ContentMismatch, "service.json is not the one that MANIFEST lists");
    }
  }
  return text;
}

// Whose release it is: MANIFEST says so, or else the artifact signature.
Result<std::optional<PackageManifest>> readManifest(const PackageClaims& claims) {
  if (!claims.manifest) {
    if (claims.artifactSignature) return std::optional<PackageManifest>();
    return Error(ErrorCode::SignatureInvalid, "the package has no MANIFEST and came without an artifact signature")
        .withHint("make it with `tenon pack --key`, or send FILE.sig.json along");
  }
  if (!claims.manifestSignature) {
    return Error(ErrorCode::SignatureInvalid, "the package is not signed: it has no MANIFEST.sig")
        .withHint("tenon sign FILE");
  }
  TENON_TRY(const auto lines, parseSignatureFile(*claims.manifestSignature));
  if (lines.empty())
    return Error(ErrorCode::SignatureInvalid, "MANIFEST.sig holds no signature").withHint("tenon sign FILE");
  TENON_TRY(PackageManifest manifest, withContext("MANIFEST", PackageManifest::parse(*claims.manifest)));
  return std::optional(std::move(manifest));
}

Result<void> checkAgreement(const Release& release, const ServiceManifest& service, const PackageClaims& claims,
                            const Digest& zip) {
  const std::string says = service.service.text() + " " + service.version.text();
  if (service.service != release.service || service.version != release.version) {
    return mismatch("service.json", says, release);
  }
  if (!service.variant(release.platform)) return mismatch("service.json", "other platforms", release);
  if (!claims.artifactSignature) return {};
  if (claims.artifactSignature->release != release) {
    return mismatch("the artifact signature", claims.artifactSignature->release.text(), release);
  }
  if (claims.artifactSignature->sha256 != zip) {
    return Error(ErrorCode::BindingMismatch, "the artifact signature is for other bytes than those that came")
        .withHint("sign the package again after its last change");
  }
  return {};
}

}  // namespace

Result<CheckedPackage> checkPackage(Files& files, const DownloadedPackage& package,
                                    const std::optional<ArtifactSignature>& signature, const SignatureVerifier* verifier) {
  TENON_TRY(const auto content, LocalPackage::open(files, package.zip));
  TENON_TRY(PackageClaims claims, readClaims(*content));
  claims.artifactSignature = signature;
  TENON_TRY(const auto manifest, readManifest(claims));
  if (manifest) TENON_CHECK(checkEntries(content->directory(), *manifest));
  TENON_TRY(std::string serviceJson, serviceJsonOf(*content, manifest ? &*manifest : nullptr));
  TENON_TRY(const auto service, withContext("service.json", ServiceManifest::parse(serviceJson)));
  const Release& release = manifest ? manifest->release : signature->release;
  TENON_CHECK(ModelFetcher::checkPlaces(service.models, content->directory()));
  TENON_CHECK(checkAgreement(release, service, claims, package.sha256));
  if (verifier != nullptr) TENON_CHECK(verifier->verify(package, claims, release));
  PackageTexts texts{claims.manifest.value_or(""), claims.manifestSignature.value_or(""), std::move(serviceJson)};
  return CheckedPackage{release, service.name, std::move(texts)};
}

}  // namespace tenon::host
