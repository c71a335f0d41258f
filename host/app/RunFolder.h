// What `tenon run` keeps while it runs.
#pragma once

#include "host/base/Path.h"

namespace tenon::host {

// Below the system's folder for temporary files; the same for the same service folder, so that what a run that was killed
// left behind is found by the next.
Path runFolderOf(const Path& folder);

}  // namespace tenon::host
