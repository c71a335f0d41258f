#include "platform/windows/process/Stats.h"

#include <psapi.h>

#include <algorithm>

#include "platform/windows/process/Processes.h"

namespace tenon::platform {

namespace {

std::uint64_t cpuMicrosOfJob(HANDLE job) {
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION used = {};
  if (!::QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &used, sizeof used, nullptr)) return 0;
  constexpr std::int64_t kHundredsOfNanos = 10;
  return static_cast<std::uint64_t>((used.TotalUserTime.QuadPart + used.TotalKernelTime.QuadPart) / kHundredsOfNanos);
}

std::uint64_t peakOfJob(HANDLE job) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION extended = {};
  if (!::QueryInformationJobObject(job, JobObjectExtendedLimitInformation, &extended, sizeof extended, nullptr)) return 0;
  return extended.PeakJobMemoryUsed;
}

}  // namespace

void readStats(const Group& group, tenon_stats& stats) {
  stats.cpu_us = stats.resident_bytes = stats.peak_bytes = stats.processes = 0;
  std::uint64_t living = 0;
  for (const DWORD pid : group.processes()) {
    const Handle process = openProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_VM_READ | SYNCHRONIZE);
    if (!process || hasEnded(process.get())) continue;
    ++stats.processes;
    living += cpuMicrosOf(process.get());
    PROCESS_MEMORY_COUNTERS memory = {};
    memory.cb = sizeof memory;
    if (::GetProcessMemoryInfo(process.get(), &memory, sizeof memory)) stats.resident_bytes += memory.WorkingSetSize;
  }
  // The job also counts those that have ended.
  stats.cpu_us = std::max(living, group.isJob() ? cpuMicrosOfJob(group.job.get()) : 0);
  stats.peak_bytes = group.isJob() ? peakOfJob(group.job.get()) : 0;
}

}  // namespace tenon::platform
