#include "platform/windows/process/JobLimits.h"

#include <algorithm>
#include <limits>

namespace tenon::platform {

namespace {

// Of ten thousand, of the whole machine.
DWORD rateOf(double cpus) {
  constexpr double kWhole = 10000;
  const double machine = std::max<DWORD>(::GetActiveProcessorCount(ALL_PROCESSOR_GROUPS), 1);
  return static_cast<DWORD>(std::clamp(cpus / machine * kWhole, 1.0, kWhole));
}

}  // namespace

Outcome limitJob(HANDLE job, const std::string& name, const Limits& limits, const Warn& warn) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION extended = {};
  DWORD& flags = extended.BasicLimitInformation.LimitFlags;
  flags = JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  if (limits.memoryBytes) {
    flags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
    extended.JobMemoryLimit = static_cast<SIZE_T>(*limits.memoryBytes);
  }
  if (limits.processes) {
    flags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    constexpr std::uint64_t kMost = std::numeric_limits<DWORD>::max() - 1, kConsoleHost = 1;
    extended.BasicLimitInformation.ActiveProcessLimit =
        static_cast<DWORD>(std::min(*limits.processes, kMost) + kConsoleHost);
  }
  if (!::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &extended, sizeof extended)) {
    return osFault("limit " + name, ::GetLastError());
  }
  if (limits.cpus) {
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate = {};
    rate.ControlFlags = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    rate.CpuRate = rateOf(*limits.cpus);
    if (!::SetInformationJobObject(job, JobObjectCpuRateControlInformation, &rate, sizeof rate)) {
      warn(name + ": its limit of cpus cannot be held here: " + textOfError(::GetLastError()));
    }
  }
  if (limits.openFiles) warn(name + ": its limit of open_files cannot be held here: Windows has none");
  return kDone;
}

DWORD endWithLastHandle(HANDLE job) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION extended = {};
  constexpr auto kWhat = JobObjectExtendedLimitInformation;
  if (!::QueryInformationJobObject(job, kWhat, &extended, sizeof extended, nullptr)) return ::GetLastError();
  extended.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  return ::SetInformationJobObject(job, kWhat, &extended, sizeof extended) ? ERROR_SUCCESS : ::GetLastError();
}

}  // namespace tenon::platform
