// The platform adapter that is linked into this program: a node always has its own.
#pragma once

#include <memory>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Log.h"

namespace tenon::host {

// `log` outlives the adapter, which lives as long as the process.
Result<std::unique_ptr<PlatformAdapter>> openStaticAdapter(Log& log);

// Its row for `tenon drivers`: name, version, platforms, containment.
struct DriverInfo;
DriverInfo describeAdapter(const PlatformFacts& facts);

}  // namespace tenon::host
