// The author's side: a folder with service.json becomes one zip, the same bytes for the same folder on every machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/base/WorkerPool.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/service/ServiceManifest.h"
#include "host/pack/Signer.h"

namespace tenon::host {

struct PackRequest {
  Path folder;
  std::optional<Path> output;  // default: <id>-<version>-<platform>.zip in the working folder given below
  Path workingFolder;
  std::optional<PlatformId> platform;  // needed where service.json has several
  std::uint64_t sequence = 0;
  std::vector<SecretKeyBytes> keys;  // each signs MANIFEST, the first the artifact [origin]; none: an unsigned package
};

struct PackedPackage {
  Path file;
  PackageManifest manifest;
  Digest zipSha256;
  std::uint64_t zipBytes = 0;
};

class Packer {
 public:
  // Bytes of two passes, hashing and packing. Called on any thread, one call at a time.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // Both outlive the packer; the pool may be shared.
  Packer(Files& files, WorkerPool& pool) : files_(files), pool_(pool) {}

  // Takes what files.requires and files.optional name (everything, where they name nothing), less .git, __pycache__ and what
  // no package may hold. Writes the zip under a temporary name and renames it; with a key also FILE.sig.json [origin].
  // Errors: format-invalid (service.json), content-missing (files.requires), path-unsafe, disk-full.
  Result<PackedPackage> pack(const PackRequest& request, const Progress& progress = {});
  // Would it? Looks at service.json and at names: writes nothing and reads no other file. Errors: as of pack().
  Result<void> check(const PackRequest& request);

 private:
  Files& files_;
  WorkerPool& pool_;
};

}  // namespace tenon::host
