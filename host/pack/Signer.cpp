#include "host/pack/Signer.h"

#include "host/adapter/AtomicFile.h"

namespace tenon::host {
namespace {

// A package and its signature are two names, which change one after the other: where the second does not, the first goes
// back.
class PackagePlacing {
 public:
  PackagePlacing(Files& files, const Path& package)
      : files_(files),
        package_(package),
        beside_(artifactSignatureFile(package)),
        oldPackage_(temporaryBeside(package)),
        oldSignature_(temporaryBeside(beside_)),
        newSignature_(temporaryBeside(beside_)) {}

  Result<void> place(const Path& temporary, const std::optional<ArtifactSignature>& signature) {
    auto placed = swap(temporary, signature);
    // Where there is no way back, the old package stays under its other name: it may be the only one of its kind.
    if (!placed && !goBack()) return placed;
    for (const auto& path : {oldPackage_, oldSignature_, newSignature_}) static_cast<void>(files_.removeFile(path));
    if (placed) placed = files_.syncFolder(package_.parent());
    return placed;
  }

 private:
  Result<void> swap(const Path& temporary, const std::optional<ArtifactSignature>& signature) {
    // First, since it is what needs room on the disk: nothing has changed yet.
    if (signature) TENON_CHECK(writeSignature(*signature));
    TENON_CHECK(setAside());
    TENON_CHECK(files_.replace(temporary, package_));
    replaced_ = true;
    TENON_CHECK(files_.syncFolder(package_.parent()));
    if (!signature) return {};
    return files_.replace(newSignature_, beside_);
  }

  Result<void> writeSignature(const ArtifactSignature& signature) {
    TENON_TRY(auto file, WriteFile::create(files_, 0, newSignature_.text()));
    TENON_CHECK(file.append(signature.toJson().pretty()));
    return file.sync();
  }

  Result<void> setAside() {
    TENON_TRY(hadPackage_, isThere(package_));
    // A disk that cannot do that has no way back from the last rename, and that is no reason to make no package.
    hasOldPackage_ = hadPackage_ && files_.cloneOrLink(package_, oldPackage_).has_value();
    TENON_TRY(const bool hadSignature, isThere(beside_));
    if (!hadSignature) return {};
    TENON_CHECK(files_.renameNew(beside_, oldSignature_));
    hasOldSignature_ = true;
    return files_.syncFolder(package_.parent());
  }

  Result<bool> isThere(const Path& path) {
    const auto info = files_.inspect(path);
    if (!info && info.error().code() != ErrorCode::NotFound) return info.error();
    return info.has_value();
  }

  // Each step is durable before the next one: not even now may a signature stand beside the other package.
  Result<void> goBack() {
    if (replaced_) TENON_CHECK(restorePackage());
    if (!hasOldSignature_) return {};
    TENON_CHECK(files_.replace(oldSignature_, beside_));
    return files_.syncFolder(package_.parent());
  }

  Result<void> restorePackage() {
    if (!hadPackage_) return removeDurably(files_, package_);
    if (!hasOldPackage_) return Error(ErrorCode::PlatformUnsupported, "the old package is gone");
    // A clone is not on the disk because its original was.
    TENON_TRY(auto barrier, Barrier::open(files_, package_.parent()));
    TENON_CHECK(barrier.sync());
    TENON_CHECK(files_.replace(oldPackage_, package_));
    return files_.syncFolder(package_.parent());
  }

  Files& files_;
  const Path package_, beside_, oldPackage_, oldSignature_, newSignature_;
  bool hadPackage_ = false, hasOldPackage_ = false, hasOldSignature_ = false, replaced_ = false;
};

}  // namespace

ArtifactSignature signArtifact(const SecretKeyBytes& key, const Release& release, const Digest& zipSha256) {
  const SignatureBytes signature = signEd25519(key, ArtifactSignature::payload(release, zipSha256));
  return {
      .keyId = keyId(publicKeyOf(key)), .valueBase64 = toBase64(asText(signature)), .release = release, .sha256 = zipSha256};
}

Result<void> putPackage(Files& files, const Path& temporary, const Path& package,
                        const std::optional<ArtifactSignature>& signature) {
  return PackagePlacing(files, package).place(temporary, signature);
}

}  // namespace tenon::host
