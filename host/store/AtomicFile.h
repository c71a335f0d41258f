// One rule for every file that matters: write a temporary beside it, sync it, rename it over, sync the folder. After a crash at
// any point the file has its old content or its new one, whole.
#pragma once

#include <string_view>

#include "host/adapter/Files.h"

namespace tenon::host {

// `ownerOnly`: nobody else may read it (keys, tokens).
Result<void> writeAtomically(Files& files, const Path& path, std::string_view content, bool ownerOnly = false);

// Removes a file for good: remove, sync the folder. Missing is fine.
Result<void> removeDurably(Files& files, const Path& path);

}  // namespace tenon::host
