// One rule for every file that matters: write a temporary beside it, sync it, rename it over, sync the folder. After a crash
// at any point the file has its old content or its new one, whole. No state; any thread, also two writers of one file (the
// later rename wins).
#pragma once

#include <string>
#include <string_view>

#include "host/adapter/Files.h"

namespace tenon::host {

// `ownerOnly`: nobody else may read it (keys, tokens). Its folder exists. The error is the failed call's own, with the path.
// After an error the file is the old one; only where the last call (syncing the folder) failed may it be the new one
// already.
Result<void> writeAtomically(Files& files, const Path& path, std::string_view content, bool ownerOnly = false);

// The same without the syncs, for what only has to outlive this process: whoever is killed leaves old or new, a power cut
// may tear it.
Result<void> replaceAtomically(Files& files, const Path& path, std::string_view content, bool ownerOnly = false);

// Removes a file for good: remove, sync the folder. Missing is fine.
Result<void> removeDurably(Files& files, const Path& path);

// Removes temporaries that a crash left in `folder`; nobody may be writing there. A missing folder is fine.
Result<void> removeTemporaries(Files& files, const Path& folder);
// The same, where the folder has been listed.
Result<void> removeTemporaries(Files& files, const Path& folder, const std::vector<FolderEntry>& entries);

// A name for what becomes `path`, or was it: one that isTemporaryName knows, and that no other call gives.
Path temporaryBeside(const Path& path);

// ".<name>.<16 hex digits>.tmp": the name that writeAtomically gives to a temporary of `name`.
bool isTemporaryName(std::string_view name);

// 16 hex digits that no other call gives, in this process or another.
std::string uniqueSuffix();

}  // namespace tenon::host
