// Runs the tools that people check packages with (openssl, unzip, sha256sum), so that tests can ask for their opinion.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tenon::host {

struct ShellAnswer {
  int status = -1;     // as std::system gives it; 0 is success
  std::string output;  // standard output and error together
};

inline ShellAnswer shell(const std::string& command) {
  ShellAnswer answer;
  std::FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return answer;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.output.append(buffer, got);
  answer.status = pclose(pipe);
  return answer;
}

inline bool hasTool(const std::string& name) { return shell("command -v " + name).status == 0; }

}  // namespace tenon::host

#define TENON_NEEDS_TOOL(name) \
  if (!::tenon::host::hasTool(name)) GTEST_SKIP() << name << " is not installed here"
