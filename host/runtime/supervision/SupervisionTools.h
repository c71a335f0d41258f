// What every supervisor works with; lent by the manager, which outlives them all.
#pragma once

#include <functional>

#include "host/adapter/Files.h"
#include "host/adapter/Processes.h"
#include "host/base/Log.h"
#include "host/base/Loop.h"
#include "host/logs/ServiceLogs.h"
#include "host/runtime/HealthProber.h"
#include "host/runtime/InstanceRecords.h"
#include "host/runtime/PortAllocator.h"
#include "host/runtime/process/EndRouter.h"
#include "host/runtime/process/Launcher.h"

namespace tenon::host {

struct SupervisionTools {
  Files& files;
  Processes& processes;
  Loop& loop;
  HealthProber& prober;
  PortAllocator& ports;
  ServiceLogs& logs;
  Log& log;
  Launcher& launcher;
  InstanceRecords& records;
  EndRouter& ends;
  std::function<double()> chance;  // in [0, 1)
  ProbeObserver probed;            // may be none
};

}  // namespace tenon::host
