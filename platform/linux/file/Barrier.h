// What a barrier does where syncfs() keeps the errors of files to itself.
#pragma once

#include <string>

#include "platform/linux/Fault.h"

namespace tenon::platform {

// Is syncfs() of the kernel with this name ("6.1.0-18-amd64") told of files that could not be written? Since 5.8
// (syncfs(2)).
bool syncfsTellsErrors(const char* release);

// fsync of every file below the folder, which asks each for its error.
Outcome syncFilesBelow(const std::string& folder);

}  // namespace tenon::platform
