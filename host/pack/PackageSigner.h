// Signs a package that is made already: the same zip with another MANIFEST.sig. Every other byte stays as it is packed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/pack/Signer.h"
#include "host/pack/zip/ZipFormat.h"

namespace tenon::host {

// An entry of the zip as its reader found it.
struct PackedEntry {
  ZipHeader header;  // its offset is not looked at
  std::uint64_t dataOffset = 0;
};

struct SignRequest {
  Path file;                           // that nobody has open: Windows does not replace one that somebody reads
  std::string manifest;                // its MANIFEST, byte by byte
  std::vector<SignatureLine> earlier;  // what MANIFEST.sig holds
  std::vector<PackedEntry> entries;    // all but MANIFEST and MANIFEST.sig, in their order
  std::vector<SecretKeyBytes> keys;    // at least one; each signs MANIFEST, the first the artifact [origin]
  std::function<Result<void>(const Path& signedFile)> check;  // asked before the signed file takes its place
};

struct SignedPackage {
  Release release;
  Digest zipSha256;
  std::vector<std::string> keyIds;  // of all lines that MANIFEST.sig has now
};

class PackageSigner {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;
  explicit PackageSigner(Files& files) : files_(files) {}

  // Signatures of other keys stay; one of a key that signs now is renewed. The file changes in one step, or not at all.
  // Errors: format-invalid, those of `check`, disk-full.
  Result<SignedPackage> sign(const SignRequest& request, const Progress& progress = {});

 private:
  Result<Digest> write(const SignRequest& request, const Path& to, const std::vector<SignatureLine>& lines,
                       const Progress& progress);

  Files& files_;
};

}  // namespace tenon::host
