// What a library's file says before the system's loader is let near it: that loader answers "no such file" for another
// machine's library, and takes the process down with a file that was cut short.
#pragma once

#include <optional>
#include <string>

#include "host/adapter/Files.h"

namespace tenon::host {

// Why this machine can't load the library, in one line; nothing where the file gives no reason. Error: it can't be read.
Result<std::optional<std::string>> whyUnloadable(Files& files, const Path& library);

}  // namespace tenon::host
