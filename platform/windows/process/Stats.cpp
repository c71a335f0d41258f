#include "platform/windows/process/Stats.h"

#include <psapi.h>

#include <algorithm>

#include "platform/windows/process/Processes.h"

namespace tenon::platform {

namespace {

// Of those that have ended, too.
JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION usedByJob(HANDLE job) {
  JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION used = {};
  ::QueryInformationJobObject(job, JobObjectBasicAndIoAccountingInformation, &used, sizeof used, nullptr);
  return used;
}

std::uint64_t cpuMicrosOf(const JOBOBJECT_BASIC_ACCOUNTING_INFORMATION& used) {
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
  stats.cpu_us = stats.resident_bytes = stats.peak_bytes = stats.processes = stats.read_bytes = stats.written_bytes = 0;
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
  stats.cpu_us = living;
  if (!group.isJob()) return;
  const auto used = usedByJob(group.job.get());
  stats.cpu_us = std::max(living, cpuMicrosOf(used.BasicInfo));
  stats.peak_bytes = peakOfJob(group.job.get());
  stats.read_bytes = used.IoInfo.ReadTransferCount;
  stats.written_bytes = used.IoInfo.WriteTransferCount;
}

}  // namespace tenon::platform
