#include "platform/linux/ProcFs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>

#include "platform/linux/Descriptor.h"

namespace tenon::platform {

namespace {

constexpr std::size_t kKernelFileBytes = 16u << 20;  // /proc/net/tcp with 100,000 sockets is 15 MB

std::string_view withoutSpace(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> readKernelFile(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text;
  std::size_t used = 0;
  text.resize(4096);
  while (used < kKernelFileBytes) {
    const ssize_t got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used == text.size()) text.resize(text.size() * 4);
  }
  text.resize(used);
  return text;
}

int writeKernelFile(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

std::optional<ProcStat> readStat(pid_t pid) {
  const auto text = readKernelFile("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  const auto close = text->rfind(')');  // the name before it may hold anything
  if (close == std::string::npos || close + 2 > text->size()) return std::nullopt;
  const auto columns = splitText(std::string_view(*text).substr(close + 2), ' ');
  constexpr std::size_t kState = 0, kParent = 1, kProcessGroup = 2, kSession = 3, kCpuFirst = 11, kStart = 19,
                        kResident = 21;
  if (columns.size() <= kResident) return std::nullopt;
  const auto number = [&](std::size_t column) { return wholeNumber(columns[column]).value_or(0); };
  ProcStat stat;
  stat.pid = pid;
  stat.state = columns[kState].empty() ? '?' : columns[kState][0];
  stat.parent = static_cast<pid_t>(number(kParent));
  stat.processGroup = static_cast<pid_t>(number(kProcessGroup));
  stat.session = static_cast<pid_t>(number(kSession));
  for (std::size_t column = kCpuFirst; column < kCpuFirst + 4; ++column) stat.cpuTicks += number(column);
  stat.startTime = number(kStart);
  stat.residentPages = number(kResident);
  return stat;
}

void sendSignal(const ProcStat& seen, int signal) {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, seen.pid, 0)));
  const auto now = readStat(seen.pid);
  if (process && now && now->startTime == seen.startTime)
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

void forEachPid(const std::function<void(pid_t)>& tell) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  if (!folder) return;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (const auto pid = wholeNumber(static_cast<const char*>(entry->d_name))) tell(static_cast<pid_t>(*pid));
  }
}

void forEachProcess(const std::function<void(const ProcStat&)>& tell) {
  forEachPid([&](pid_t pid) {
    if (const auto stat = readStat(pid)) tell(*stat);
  });
}

std::string bootId() {
  const auto text = readKernelFile("/proc/sys/kernel/random/boot_id");
  return text ? std::string(withoutSpace(*text)) : std::string();
}

std::vector<std::string_view> splitText(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::optional<std::uint64_t> keyedNumber(std::string_view text, std::string_view key) {
  for (const auto line : splitText(text, '\n')) {
    if (line.size() > key.size() && line.substr(0, key.size()) == key && line[key.size()] == ' ') {
      return wholeNumber(line.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> wholeNumber(std::string_view text) {
  text = withoutSpace(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace tenon::platform
