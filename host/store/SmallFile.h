// Reading the small records of this room: absent is no error, and no record is large.
#pragma once

#include <optional>
#include <string>

#include "host/adapter/Files.h"
#include "host/base/Limits.h"

namespace tenon::host {

// Nothing where the file is missing. A file past the limit is state-corrupt: this agent did not write it.
inline Result<std::optional<std::string>> readSmallFile(Files& files, const Path& path) {
  auto text = files.readAll(path, limits::kJsonBytes);
  if (text) return std::optional<std::string>(*std::move(text));
  if (text.error().code() == ErrorCode::NotFound) return std::optional<std::string>();
  if (text.error().code() != ErrorCode::LimitExceeded) return std::move(text).error();
  return Error(ErrorCode::StateCorrupt, text.error().message());
}

}  // namespace tenon::host
