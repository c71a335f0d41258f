// Why a program could not be started, in words that name the path. Stateless; any thread.
#pragma once

#include <string>

#include "platform/linux/Fault.h"
#include "platform/linux/process/Child.h"
#include "platform/linux/process/SpawnRequest.h"

namespace tenon::platform {

// Always "spawn-failed".
Fault explainFailure(const SpawnRequest& request, const ChildStart& start);

}  // namespace tenon::platform
