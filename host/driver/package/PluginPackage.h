// A plugin as its vendor ships it, three files of one stem: the library, <stem>.plugin.json, which names the library's hash,
// and <stem>.sig over the exact bytes of that manifest (lines as in MANIFEST.sig).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/Digest.h"
#include "host/contract/SignedText.h"
#include "host/trust/Ed25519.h"

namespace tenon::host {

struct PluginFiles {
  static constexpr std::string_view kManifestSuffix = ".plugin.json";
  static std::string librarySuffix();  // ".so", ".dll"

  Path library, manifest, signature;
  std::string stem() const;

  PluginFiles(const Path& folder, const std::string& stem);
  static Result<PluginFiles> of(const Path& library);  // usage, where its name is none of a library
  // The manifest and its signatures. Error: not-found, where there is no signature, too; limit-exceeded.
  Result<SignedText> signedManifest(Files& files) const;
};

// Puts the library's hash into the manifest and signs that, in place: its other members stay, and earlier signatures go.
// Error: not-found, format-invalid, limit-exceeded.
Result<void> signPlugin(Files& files, const PluginFiles& plugin, const std::vector<SecretKeyBytes>& keys);

// The library that was signed, whose bytes nobody can change any more while this is there. Any thread.
class SealedLibrary {
 public:
  // Error: signature-invalid, where it has another hash. `files` outlives it.
  static Result<std::shared_ptr<const SealedLibrary>> open(Files& files, const Path& library, const Digest& content);

  Files::Handle handle() const { return bytes_.handle(); }
  const ByteSource& bytes() const { return bytes_; }
  const Path& loadedBy() const { return loadedBy_; }  // in this process, and in a helper that is given the handle

 private:
  SealedLibrary(ReadFile bytes, Path loadedBy) : bytes_(std::move(bytes)), loadedBy_(std::move(loadedBy)) {}
  const ReadFile bytes_;
  const Path loadedBy_;
};

}  // namespace tenon::host
