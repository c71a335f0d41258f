#include "host/store/CurrentStore.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/store/SmallFile.h"

namespace tenon::host {

Result<std::optional<CurrentRelease>> CurrentStore::read() const {
  TENON_TRY(const auto text, readSmallFile(files_, layout_.current()));
  if (!text) return std::optional<CurrentRelease>();
  TENON_TRY(auto current, withContext("service " + service_.text(), CurrentRelease::parse(*text, service_, hash_)));
  return std::optional<CurrentRelease>(std::move(current));
}

Result<CurrentRelease> CurrentStore::write(CurrentRelease next) {
  auto before = read();
  if (!before && before.error().code() != ErrorCode::StateCorrupt) return std::move(before).error();
  std::uint64_t last = before ? 0 : next.generation;
  if (before && *before) last = (*before)->generation;
  next.generation = last + 1;
  TENON_CHECK(writeAtomically(files_, layout_.current(), next.text(hash_)));
  return next;
}

Result<void> CurrentStore::clear() { return removeDurably(files_, layout_.current()); }

}  // namespace tenon::host
