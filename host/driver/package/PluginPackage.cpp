#include "host/driver/package/PluginPackage.h"

#include <Poco/SharedLibrary.h>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/driver/Driver.h"
#include "host/trust/Sha256.h"
#include "host/trust/SignatureFile.h"

namespace tenon::host {

std::string PluginFiles::librarySuffix() { return Poco::SharedLibrary::suffix(); }

PluginFiles::PluginFiles(const Path& folder, const std::string& stem)
    : library(folder / (stem + librarySuffix())),
      manifest(folder / (stem + std::string(kManifestSuffix))),
      signature(folder / (stem + kSignatureSuffix)) {}

std::string PluginFiles::stem() const {
  const std::string name = library.name();
  return name.substr(0, name.size() - librarySuffix().size());
}

Result<PluginFiles> PluginFiles::of(const Path& library) {
  const std::string name = library.name(), suffix = librarySuffix();
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) {
    return Error(ErrorCode::Usage, name + " is no library: expected a name that ends in " + suffix);
  }
  return PluginFiles(library.parent(), name.substr(0, name.size() - suffix.size()));
}

Result<SignedText> PluginFiles::signedManifest(Files& files) const {
  SignedText text;
  TENON_TRY(text.text, files.readAll(manifest, limits::kPluginDocumentBytes));
  TENON_TRY(text.signatures, files.readAll(signature, limits::kManifestSignatureBytes));
  return text;
}

Result<void> signPlugin(Files& files, const PluginFiles& plugin, const std::vector<SecretKeyBytes>& keys) {
  TENON_TRY(const auto library, ReadFile::open(files, plugin.library));
  if (library.size() > limits::kPluginLibraryBytes) {
    return Error(ErrorCode::LimitExceeded, plugin.library.name() + " is larger than a plugin may be, " +
                                               std::to_string(limits::kPluginLibraryBytes / limits::MiB) + " MiB");
  }
  TENON_TRY(const Digest content, sha256Of(library));
  TENON_TRY(const auto before, files.readAll(plugin.manifest, limits::kPluginDocumentBytes));
  TENON_CHECK(withContext(plugin.manifest.name(), PluginManifest::parse(before)));
  TENON_TRY(const auto document, Json::parse(before, {.bytes = limits::kPluginDocumentBytes}));
  TENON_TRY(const auto members, document.members());
  JsonObject manifest;
  for (const auto& [key, value] : members) manifest.set(key, value);
  const std::string text = manifest.set("sha256", content.hex()).pretty();
  // Between the two the plugin is unsigned, which is refused; never signed and changed.
  TENON_CHECK(removeDurably(files, plugin.signature));
  TENON_CHECK(writeAtomically(files, plugin.manifest, text));
  return writeAtomically(files, plugin.signature, toSignatureFile(signaturesOf(keys, text)));
}

Result<std::shared_ptr<const SealedLibrary>> SealedLibrary::open(Files& files, const Path& library, const Digest& content) {
  TENON_TRY(const auto info, files.inspect(library));
  if (info.size > limits::kPluginLibraryBytes) {
    return Error(ErrorCode::LimitExceeded, library.name() + " is larger than a plugin may be");
  }
  TENON_TRY(const auto sealed, files.seal(library));
  ReadFile bytes(files, sealed);
  TENON_TRY(const Digest found, sha256Of(bytes));
  if (found != content) {
    return Error(ErrorCode::SignatureInvalid, library.name() + " is not the library that its vendor signed")
        .withHint("it was damaged or changed; get the plugin again from its vendor");
  }
  return std::shared_ptr<const SealedLibrary>(new SealedLibrary(std::move(bytes), Path(sealed.loadedBy)));
}

}  // namespace tenon::host
