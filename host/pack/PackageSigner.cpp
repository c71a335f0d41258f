#include "host/pack/PackageSigner.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/contract/release/PackageManifest.h"
#include "host/pack/EntryWriter.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::uint64_t kCopyBytes = limits::MiB;

std::vector<SignatureLine> allLines(const SignRequest& request) {
  auto lines = signaturesOf(request.keys, request.manifest);
  const auto isRenewed = [now = lines](const SignatureLine& line) {
    return std::any_of(now.begin(), now.end(), [&](const SignatureLine& each) { return each.keyId == line.keyId; });
  };
  std::copy_if(request.earlier.begin(), request.earlier.end(), std::back_inserter(lines),
               [&](const SignatureLine& line) { return !isRenewed(line); });
  return lines;
}

}  // namespace

Result<SignedPackage> PackageSigner::sign(const SignRequest& request, const Progress& progress) {
  TENON_TRY(const auto list, PackageManifest::parse(request.manifest));
  const auto lines = allLines(request);
  const Path temporary = temporaryBeside(request.file);
  const auto work = [&]() -> Result<SignedPackage> {
    TENON_TRY(const Digest hash, write(request, temporary, lines, progress));
    TENON_CHECK(request.check(temporary));
    TENON_CHECK(putPackage(files_, temporary, request.file, signArtifact(request.keys.front(), list.release, hash)));
    SignedPackage done{list.release, hash, {}};
    for (const auto& line : lines) done.keyIds.push_back(line.keyId);
    return done;
  };
  auto done = work();
  // What went wrong says more than a failure to clean up after it; and after a rename there is nothing to remove.
  if (!done) static_cast<void>(files_.removeFile(temporary));
  return withContext("sign " + request.file.text(), std::move(done));
}

Result<Digest> PackageSigner::write(const SignRequest& request, const Path& to, const std::vector<SignatureLine>& lines,
                                    const Progress& progress) {
  TENON_TRY(ZipWriter zip, ZipWriter::create(files_, to));
  TENON_CHECK(addText(zip, kManifestName, request.manifest));
  TENON_CHECK(addText(zip, kManifestSignatureName, toSignatureFile(lines)));
  TENON_TRY(const ReadFile from, ReadFile::open(files_, request.file));
  std::string piece;
  for (const auto& entry : request.entries) {
    TENON_CHECK(zip.begin(entry.header));
    for (std::uint64_t done = 0; done < entry.header.packedBytes; done += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min(kCopyBytes, entry.header.packedBytes - done)));
      TENON_CHECK(from.readExactly(entry.dataOffset + done, piece));
      TENON_CHECK(zip.append(piece));
      if (progress) progress(entry.dataOffset + done + piece.size(), from.size());
    }
    TENON_CHECK(zip.end());
  }
  TENON_CHECK(zip.finish());
  TENON_TRY(const ReadFile written, ReadFile::open(files_, to));
  return sha256Of(written);
}

}  // namespace tenon::host
