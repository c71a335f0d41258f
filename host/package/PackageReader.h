// Opens a package file and takes out what it says of itself, before anything in it is trusted.
#pragma once

#include "host/adapter/Files.h"
#include "host/package/ZipDirectory.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {

// Hashes a local file: what a download would have said of it.
Result<DownloadedPackage> hashPackage(Files& files, const Path& zip);

// MANIFEST and MANIFEST.sig from the zip by the strict rules; neither, where the zip has no MANIFEST (then by the unambiguous
// rules). The artifact signature comes from outside.
Result<PackageClaims> readClaims(Files& files, const Path& zip);

// service.json of the package, checked against MANIFEST's hash where there is one.
Result<std::string> readServiceJson(Files& files, const VerifiedPackage& package);

}  // namespace tenon::host
