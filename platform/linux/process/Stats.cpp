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

struct Moved {
  std::uint64_t read = 0, written = 0;  // bytes
};

// Lines of "8:0 rbytes=4096 wbytes=0 rios=1 …", one a device (the kernel's cgroup-v2.rst).
Moved movedByDevices(std::string_view text) {
  Moved moved;
  for (const auto line : splitText(text, '\n')) {
    for (const auto field : splitText(line, ' ')) {
      const auto value = [&](std::string_view key) {
        return field.starts_with(key) ? wholeNumber(field.substr(key.size())).value_or(0) : 0;
      };
      moved.read += value("rbytes=");
      moved.written += value("wbytes=");
    }
  }
  return moved;
}

Moved movedBy(const Group& group, const std::vector<ProcStat>& members) {
  if (group.kind == "cgroup-v2") {
    if (const auto text = readKernelFile(group.primary + "/io.stat")) return movedByDevices(*text);
  }
  Moved moved;
  for (const auto& member : members) {
    const auto text = readKernelFile("/proc/" + std::to_string(member.pid) + "/io").value_or("");
    moved.read += keyedNumber(text, "read_bytes:").value_or(0);
    moved.written += keyedNumber(text, "write_bytes:").value_or(0);
  }
  return moved;
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
  const Moved moved = movedBy(group, members);
  stats.read_bytes = moved.read;
  stats.written_bytes = moved.written;
}

}  // namespace tenon::platform
