#include "platform/linux/process/Stats.h"

#include <unistd.h>

#include <algorithm>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Escaped.h"

namespace tenon::platform {

namespace {

// What the tree has mapped and what it shares, without the page cache of the files that it read.
std::optional<std::uint64_t> residentOf(const Group& group) {
  const bool v2 = group.kind == "cgroup-v2";
  if (!v2 && group.memory.empty()) return std::nullopt;
  const auto text = readKernelFile((v2 ? group.primary : group.memory) + "/memory.stat");
  if (!text) return std::nullopt;
  const auto own = keyedNumber(*text, v2 ? "anon" : "total_rss");
  const auto mapped = keyedNumber(*text, v2 ? "file_mapped" : "total_mapped_file");
  if (!own || !mapped) return std::nullopt;
  return *own + *mapped;
}

std::uint64_t peakOf(const Group& group) {
  const std::string file = group.kind == "cgroup-v2" ? group.primary + "/memory.peak"
                           : group.memory.empty()    ? ""
                                                     : group.memory + "/memory.max_usage_in_bytes";
  if (file.empty()) return 0;
  const auto text = readKernelFile(file);
  return text ? wholeNumber(*text).value_or(0) : 0;
}

}  // namespace

void readStats(const Group& group, tenon_stats& stats) {
  const auto members = livingMembers(group);
  std::uint64_t pages = 0, ticks = 0;
  for (const auto& member : members) {
    pages += member.residentPages;
    ticks += member.cpuTicks;
  }
  constexpr std::uint64_t kMicros = 1000000;
  const auto pageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto ticksASecond = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  // Every cgroup v2 folder counts processor time, with controllers or without.
  const auto used = group.isCgroup() ? readKernelFile(group.primary + "/cpu.stat") : std::nullopt;
  const auto micros = used ? keyedNumber(*used, "usage_usec") : std::nullopt;
  stats.cpu_us = micros.value_or(ticks * kMicros / std::max<std::uint64_t>(ticksASecond, 1));
  stats.resident_bytes = residentOf(group).value_or(pages * pageBytes);
  stats.peak_bytes = peakOf(group);
  stats.processes = members.size();
}

}  // namespace tenon::platform
