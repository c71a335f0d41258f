// What /proc and the files of control groups tell, read whole. Stateless; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::platform {

// The whole text of a small file of the kernel's; nothing where it can't be read.
std::optional<std::string> readKernelFile(const std::string& path);
// 0, or the errno. Never makes the file.
int writeKernelFile(const std::string& path, std::string_view text);

// Columns of /proc/PID/stat (man 5 proc).
struct ProcStat {
  pid_t pid = 0;
  char state = 0;  // 'Z': ended, not yet reaped
  pid_t parent = 0, processGroup = 0, session = 0;
  std::uint64_t cpuTicks = 0;   // own and of reaped children
  std::uint64_t startTime = 0;  // ticks since boot
  std::uint64_t residentPages = 0;
};
std::optional<ProcStat> readStat(pid_t pid);

// To that very process, where it still runs: its number may have gone to another since it was looked up.
void sendSignal(const ProcStat& seen, int signal);

// Every process that this user can see.
void forEachPid(const std::function<void(pid_t)>& tell);
void forEachProcess(const std::function<void(const ProcStat&)>& tell);

// Differs between boots of one machine; empty where /proc does not tell.
std::string bootId();

std::vector<std::string_view> splitText(std::string_view text, char separator);
// The value after "<key> " on a line of its own ("oom_kill 2").
std::optional<std::uint64_t> keyedNumber(std::string_view text, std::string_view key);
std::optional<std::uint64_t> wholeNumber(std::string_view text);

}  // namespace tenon::platform
