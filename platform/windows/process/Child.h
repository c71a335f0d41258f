// From a checked request to a running program: made suspended, put into its job, then let go. Any thread.
#pragma once

#include "platform/windows/Fault.h"
#include "platform/windows/Handle.h"
#include "platform/windows/process/Group.h"
#include "platform/windows/process/SpawnRequest.h"

namespace tenon::platform {

struct ChildStart {
  DWORD pid = 0;
  Handle process;
};

// What a child gets beside its request.
struct ChildSetting {
  HANDLE job;
  HANDLE stopEvent;
  bool leaveOurJob;  // this process is in a job that lets children leave it
  HANDLE channel;    // that it inherits, and then ends with this process; null: none
};

// Every fault is "spawn-failed" or "disk-full", except that a wrong request is told as such.
Outcome startChild(const SpawnRequest& request, const ChildSetting& setting, ChildStart& start);

}  // namespace tenon::platform
