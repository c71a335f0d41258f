#include "host/store/TrustStore.h"

#include <algorithm>
#include <charconv>

#include "host/adapter/AtomicFile.h"
#include "host/store/SmallFile.h"

namespace tenon::host {
std::optional<std::uint64_t> rootVersionOf(std::string_view fileName) {
  constexpr std::string_view kEnding = ".json";
  if (!fileName.ends_with(kEnding)) return std::nullopt;
  fileName.remove_suffix(kEnding.size());
  std::uint64_t version = 0;
  const auto [end, failed] = std::from_chars(fileName.data(), fileName.data() + fileName.size(), version);
  if (failed != std::errc() || std::to_string(version) != fileName) return std::nullopt;
  return version;
}

Result<SignedText> readSigned(Files& files, const Path& document, std::size_t most) {
  SignedText read;
  TENON_TRY(read.text, files.readAll(document, most));
  TENON_TRY(read.signatures, files.readAll(signatureFileOf(document), limits::kManifestSignatureBytes));
  return read;
}

Result<std::vector<TrustStore::KeptRoot>> TrustStore::roots() const {
  std::vector<KeptRoot> roots;
  const auto entries = files_.list(layout_.roots());
  if (!entries && entries.error().code() == ErrorCode::NotFound) return roots;
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (const auto version = rootVersionOf(entry.name)) roots.push_back({*version, {}});
  }
  std::sort(roots.begin(), roots.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
  for (auto& root : roots) {
    if (root.version != roots.front().version + static_cast<std::uint64_t>(&root - roots.data())) {
      return Error(ErrorCode::StateCorrupt, "the root before " + layout_.root(root.version).text() + " is missing")
          .withHint("bring it back from the hub or a backup: every root of the chain is needed");
    }
    auto document = readSigned(files_, layout_.root(root.version), limits::kRootBytes);
    if (!document) {
      return Error(ErrorCode::StateCorrupt, document.error().message())
          .withHint("bring that file back from the hub or a backup");
    }
    root.document = *std::move(document);
  }
  return roots;
}

Result<void> TrustStore::add(const KeptRoot& root) const {
  const Path file = layout_.root(root.version);
  TENON_CHECK(files_.makeFolders(layout_.roots()));
  TENON_CHECK(files_.syncFolder(layout_.trust()));
  TENON_CHECK(files_.syncFolder(layout_.root()));
  TENON_CHECK(removeTemporaries(files_, layout_.roots()));
  TENON_CHECK(writeAtomically(files_, signatureFileOf(file), root.document.signatures));
  return writeAtomically(files_, file, root.document.text);
}

Result<TrustFloors> TrustStore::floors() const {
  TENON_TRY(const auto text, readSmallFile(files_, layout_.trustFloors()));
  if (!text) return TrustFloors{};
  auto floors = TrustFloors::parse(*text);
  if (floors) return floors;
  return Error(floors.error())
      .withHint("restore trust/floors.json from a backup; removing it makes this node forget which releases are old");
}

Result<void> TrustStore::write(const TrustFloors& floors) const {
  TENON_CHECK(files_.makeFolders(layout_.trust()));
  TENON_CHECK(removeTemporaries(files_, layout_.trust()));
  TENON_CHECK(writeAtomically(files_, layout_.trustFloors(), floors.toJson()));
  return files_.syncFolder(layout_.root());
}

}  // namespace tenon::host
