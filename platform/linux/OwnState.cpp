#include "platform/linux/OwnState.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

using json::Value;

// Together less than a document's 1 MiB, whatever is to be escaped.
constexpr std::size_t kMostLines = 512;  // of a kind
constexpr std::size_t kMostBytes = 64;   // of a line; of a longer one a number stands for the rest

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

void add(std::vector<std::string>& lines, std::string line) {
  if (line.size() > kMostBytes) {
    const auto rest = std::hash<std::string>()(line);
    line = line.substr(0, kMostBytes) + "... " + std::to_string(rest);
  }
  lines.push_back(printable(line));
}

Value valueOf(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  lines.resize(std::min(lines.size(), kMostLines));
  Value list = Value::array();
  for (auto& line : lines) list.push(std::move(line));
  return list;
}

// The numbers in a folder of /proc/self, but for the descriptor by which it is read.
Outcome numbersIn(const char* path, std::vector<std::string>& numbers) {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path));
  if (!folder) return osFault(std::string("read ") + path, errno);
  const std::string own = std::to_string(::dirfd(folder.get()));
  const bool descriptors = std::string_view(path).ends_with("/fd");
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name.front() != '.' && !(descriptors && name == own)) numbers.push_back(name);
  }
  return kDone;
}

Outcome descriptors(std::vector<std::string>& lines) {
  std::vector<std::string> numbers;
  if (auto fault = numbersIn("/proc/self/fd", numbers)) return fault;
  for (const auto& number : numbers) {
    std::array<char, 256> target = {};
    const ssize_t length = ::readlink(("/proc/self/fd/" + number).c_str(), target.data(), target.size());
    if (length > 0) add(lines, number + " " + std::string(target.data(), static_cast<std::size_t>(length)));
  }
  return kDone;
}

std::vector<std::string> handlers() {
  std::vector<std::string> lines;
  for (int number = 1; number <= SIGRTMAX; ++number) {
    struct sigaction action = {};
    if (::sigaction(number, nullptr, &action) != 0) continue;
    if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) continue;
    const auto address = reinterpret_cast<std::uintptr_t>(action.sa_handler);
    const bool ignored = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
    add(lines, std::to_string(number) + (ignored ? " ignored" : " at " + std::to_string(address)));
  }
  return lines;
}

std::vector<std::string> environment() {
  std::vector<std::string> lines;
  for (char** entry = environ; entry && *entry; ++entry) add(lines, *entry);
  return lines;
}

}  // namespace

Outcome describeOwnState(std::string& document) {
  std::vector<std::string> threads, open;
  if (auto fault = numbersIn("/proc/self/task", threads)) return fault;
  if (auto fault = descriptors(open)) return fault;
  document = Value()
                 .set("schema", "tenon.own-state/1")
                 .set("threads", valueOf(std::move(threads)))
                 .set("descriptors", valueOf(std::move(open)))
                 .set("handlers", valueOf(handlers()))
                 .set("environment", valueOf(environment()))
                 .text();
  return kDone;
}

}  // namespace tenon::platform
