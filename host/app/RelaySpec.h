// The relay as something that the runtime runs like any service: this very program, with its verb `relay`.
#pragma once

#include "host/adapter/PlatformAdapter.h"
#include "host/runtime/Instance.h"
#include "host/store/PackageLayout.h"

namespace tenon::host {

InstanceSpec relaySpec(const PlatformFacts& facts, const PackageLayout& layout);

}  // namespace tenon::host
