// Opens a package file and takes out what it says of itself, before anything in it is trusted. No state; any thread.
#pragma once

#include <memory>
#include <vector>

#include "host/adapter/Files.h"
#include "host/package/zip/ZipDirectory.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

// A package's zip, open: its directory, and its entries' bytes as far as they were brought here. One thread, but for zip(),
// which any may read.
class PackageContent {
 public:
  PackageContent() = default;
  PackageContent(const PackageContent&) = delete;
  PackageContent& operator=(const PackageContent&) = delete;
  virtual ~PackageContent() = default;

  virtual const ByteSource& zip() const = 0;
  virtual const ZipDirectory& directory() const = 0;
  // Makes the bytes of these entries readable in zip(). Errors: the network's, where it is needed; the disk's.
  virtual Result<void> bring(const std::vector<const ZipEntry*>& entries) = 0;
  // All of it is here already, and can be held against MANIFEST whether it is needed or not.
  virtual bool isWhole() const { return false; }
};

// A zip that is here as a whole. The rules for it follow from its first entry: strict where that is MANIFEST. A zip that has
// MANIFEST elsewhere is archive-invalid.
class LocalPackage final : public PackageContent {
 public:
  // Errors: those of ZipDirectory::read, the disk's.
  static Result<std::unique_ptr<LocalPackage>> open(Files& files, const Path& zip);

  const ByteSource& zip() const override { return zip_; }
  const ZipDirectory& directory() const override { return directory_; }
  Result<void> bring(const std::vector<const ZipEntry*>&) override { return {}; }
  bool isWhole() const override { return true; }

 private:
  LocalPackage(ReadFile zip, ZipDirectory directory) : zip_(std::move(zip)), directory_(std::move(directory)) {}
  ReadFile zip_;
  ZipDirectory directory_;
};

// Hashes a local file: what a download would have said of it. Error: archive-limit, the disk's.
Result<DownloadedPackage> hashPackage(Files& files, const Path& zip);
Result<Digest> hashAll(const ByteSource& file);

// MANIFEST and MANIFEST.sig from the zip; neither, where it has none. The artifact signature comes from outside.
// Errors: archive-*, those of bring().
Result<PackageClaims> readClaims(PackageContent& content);
// The same for a zip that is here; errors of opening it, too.
Result<PackageClaims> readClaims(Files& files, const Path& zip);

// service.json of the package, checked against MANIFEST's hash where there is one. Errors: content-missing,
// content-mismatch, archive-*, those of bring().
Result<std::string> readServiceJson(PackageContent& content, const VerifiedPackage& package);

// The artifact signature that lies beside a package file, as FILE.sig.json; nothing where there is none. format-invalid.
Result<std::optional<ArtifactSignature>> readSignatureBeside(Files& files, const Path& zip);

}  // namespace tenon::host
