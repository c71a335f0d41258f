// trust/: the roots that this node has followed, one file a step, and its floors. Keeps texts; what they are worth is
// trust's to say. Any thread; two writers never at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/SignedText.h"
#include "host/contract/TrustFloors.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

class TrustStore {
 public:
  struct KeptRoot {
    std::uint64_t version = 0;  // that its file's name says
    SignedText document;
  };

  // `files` outlives the store.
  TrustStore(Files& files, PackageLayout layout) : files_(files), layout_(std::move(layout)) {}

  // In the order of their versions; none where trust was never begun. A signature file without its root is what a crash
  // left, and is no root. Error: state-corrupt where a step is missing.
  Result<std::vector<KeptRoot>> roots() const;
  // Durable once it answers: the signatures first, so that a root is there with them or not at all.
  Result<void> add(const KeptRoot& root) const;

  Result<TrustFloors> floors() const;  // none where there is no file; state-corrupt
  Result<void> write(const TrustFloors& floors) const;

 private:
  Files& files_;
  PackageLayout layout_;
};

// "12.json" → 12, and nothing for a name that is not the one way to write a root's file.
std::optional<std::uint64_t> rootVersionOf(std::string_view fileName);

// <path>.sig
inline Path signatureFileOf(const Path& document) { return Path(document.text() + kSignatureSuffix); }

// A document and the file of its signatures beside it. not-found where either is missing.
Result<SignedText> readSigned(Files& files, const Path& document, std::size_t most);

}  // namespace tenon::host
