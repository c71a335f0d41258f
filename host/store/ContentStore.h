// <root>/store/<xx>/<sha256>[.x]: the files of every release, once each. A release's tree holds links to them, so a file
// that a node has had before is neither fetched nor written again, whichever service or version it came with.
//
// The store is a memory and no promise: each tree is whole without it. A file gets its name here once its content is known
// and durable; the name itself may be lost in a power cut, and then the file is fetched again. What is taken is hashed
// again, so bytes that rotted, or a copy that a power cut tore, are found before anybody runs them. No state; any thread,
// also while another one collects.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "host/adapter/Files.h"
#include "host/contract/Digest.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

// A file's content and whether it may be executed, which a hard link cannot have both ways.
struct StoredFile {
  Digest sha256;
  bool executable = false;
  std::uint64_t size = 0;
};

class ContentStore {
 public:
  using ContentHash = Result<Digest> (*)(const ByteSource&);  // SHA-256 of all of it

  // `files` outlives the store.
  ContentStore(Files& files, const PackageLayout& layout, ContentHash hash)
      : files_(files), folder_(layout.store()), hash_(hash) {}

  // Which of the folders <xx> are there: a question that costs one call instead of one for each file. Empty: no file at all.
  class Shelves {
   public:
    bool mayHave(const StoredFile& file) const { return names_.contains(file.sha256.hex().substr(0, 2)); }
    bool empty() const { return names_.empty(); }

   private:
    friend class ContentStore;
    std::set<std::string> names_;
  };
  Result<Shelves> shelves() const;

  // By name and size; its bytes are not looked at.
  bool has(const Shelves& shelves, const StoredFile& file) const;

  // Gives the file another name, `to`, whose folder exists, and hashes it under that name. False where it is not here, or
  // not with this content: such bytes go from the store, and from `to`.
  Result<bool> take(const StoredFile& file, const Path& to) const;

  // Takes up a durable file of which that content was seen. One that is here already stays.
  Result<void> put(const StoredFile& file, const Path& from) const;

  // Everything that is here, by shelf; foreign names are left alone.
  Result<std::vector<StoredFile>> list(const Shelves& shelves) const;
  // Trees that hold the file keep it. False where it is not here, or where a tree holds it by a hard link: then it is in
  // use, whatever the caller thought.
  Result<bool> removeUnused(const StoredFile& file) const;

 private:
  Path pathOf(const StoredFile& file) const;
  Result<bool> isIntact(const StoredFile& file, const Path& path) const;

  Files& files_;
  Path folder_;
  ContentHash hash_;
};

}  // namespace tenon::host
