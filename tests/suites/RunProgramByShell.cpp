// runProgram() where there is a POSIX shell.
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "tests/suites/PlatformAdapterSuite.h"

namespace tenon::host {

std::string runProgram(const std::vector<std::string>& argv) {
  std::string command;
  for (const auto& argument : argv) command += "'" + argument + "' ";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> part = {};
  while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe.get())) text.append(part.data(), got);
  return text;
}

}  // namespace tenon::host
