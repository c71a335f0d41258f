// What `tenon run` does for a folder of sources before it plans: a Rust service with a Cargo.toml is built by the author's
// own cargo, into target/ of the folder, where driver rust looks.
#pragma once

#include <iosfwd>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Path.h"
#include "host/base/Result.h"

namespace tenon::host {

// Waits for it; `err` gets what cargo says. Does nothing for other folders, and without a cargo only says so: what was
// built before may be there. Nobody else may wait for processes meanwhile. Error: spawn-failed where it does not build.
Result<void> buildSources(PlatformAdapter& adapter, const Path& folder, std::ostream& err);

}  // namespace tenon::host
