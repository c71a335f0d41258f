// Opens a package file and takes out what it says of itself, before anything in it is trusted. No state; any thread.
#pragma once

#include "host/adapter/Files.h"
#include "host/package/zip/ZipDirectory.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

// Hashes a local file: what a download would have said of it. Error: archive-limit, the disk's.
Result<DownloadedPackage> hashPackage(Files& files, const Path& zip);
Result<Digest> hashAll(const ReadFile& file);

// MANIFEST and MANIFEST.sig from the zip by the strict rules; neither, where the zip has no MANIFEST (then by the
// unambiguous rules). The artifact signature comes from outside. Errors: those of ZipDirectory::read; archive-invalid where
// MANIFEST is not the first entry.
Result<PackageClaims> readClaims(Files& files, const Path& zip);

// The rules for this zip follow from its first entry: strict where that is MANIFEST. A zip that has MANIFEST elsewhere is
// archive-invalid.
Result<ZipDirectory> readPackageDirectory(const ReadFile& zip);

// service.json of the package, checked against MANIFEST's hash where there is one. Errors: content-missing,
// content-mismatch, archive-*.
Result<std::string> readServiceJson(Files& files, const VerifiedPackage& package);

// The artifact signature that lies beside a package file, as FILE.sig.json; nothing where there is none. format-invalid.
Result<std::optional<ArtifactSignature>> readSignatureBeside(Files& files, const Path& zip);

}  // namespace tenon::host
