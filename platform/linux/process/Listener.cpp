#include "platform/linux/process/Listener.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>

#include "platform/linux/ProcFs.h"
#include "platform/linux/process/Escaped.h"
#include "platform/linux/process/SocketDiag.h"

namespace tenon::platform {

namespace {

// Lines "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 12345 ..." (man 5 proc).
void collectListeners(const char* file, std::uint16_t port, std::set<std::uint64_t>& inodes) {
  constexpr std::size_t kLocal = 1, kState = 3, kInode = 9;
  const auto text = readKernelFile(file).value_or("");
  for (const auto line : splitText(text, '\n')) {
    const auto columns = splitText(line, ' ');
    if (columns.size() <= kInode || columns[kState] != "0A") continue;
    const auto colon = columns[kLocal].rfind(':');
    if (colon == std::string_view::npos) continue;
    const auto digits = columns[kLocal].substr(colon + 1);
    unsigned local = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), local, 16);
    if (local == port) inodes.insert(wholeNumber(columns[kInode]).value_or(0));
  }
}

std::set<std::uint64_t> listenersOn(std::uint16_t port) {
  if (auto told = askListeners(port)) return *std::move(told);
  std::set<std::uint64_t> inodes;
  collectListeners("/proc/self/net/tcp", port, inodes);
  collectListeners("/proc/self/net/tcp6", port, inodes);
  return inodes;
}

enum class Answer { Yes, No, NotTold };

Answer holdsAny(pid_t pid, const std::set<std::uint64_t>& inodes) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  const std::unique_ptr<DIR, int (*)(DIR*)> reading(::opendir(folder.c_str()), &::closedir);
  if (!reading) return errno == ENOENT ? Answer::No : Answer::NotTold;
  constexpr std::string_view kSocket = "socket:[";
  while (const dirent* entry = ::readdir(reading.get())) {
    char target[64];
    const ssize_t length =
        ::readlinkat(::dirfd(reading.get()), static_cast<const char*>(entry->d_name), target, sizeof target);
    if (length <= static_cast<ssize_t>(kSocket.size())) continue;
    const std::string_view text(target, static_cast<std::size_t>(length));
    if (text.substr(0, kSocket.size()) != kSocket) continue;
    const auto inode = wholeNumber(text.substr(kSocket.size(), text.size() - kSocket.size() - 1));
    if (inode && inodes.contains(*inode)) return Answer::Yes;
  }
  return Answer::No;
}

std::vector<pid_t> membersOf(const Group& group) {
  if (group.isCgroup()) return group.processes();
  std::vector<pid_t> pids;
  for (const auto& member : findMembers(group)) pids.push_back(member.pid);
  return pids;
}

}  // namespace

int ownsListener(const Group& group, std::uint16_t port) {
  const std::set<std::uint64_t> inodes = listenersOn(port);
  if (inodes.empty()) return -1;
  bool told = true;
  for (const pid_t pid : membersOf(group)) {
    const Answer answer = holdsAny(pid, inodes);
    if (answer == Answer::Yes) return 1;
    told = told && answer == Answer::No;
  }
  return told ? 0 : -1;
}

}  // namespace tenon::platform
