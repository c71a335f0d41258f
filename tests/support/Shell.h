// Runs the tools that people check packages with (openssl, unzip, sha256sum), so that tests can ask for their opinion. Where
// the system's shell is not a POSIX one, no tool is there.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/TempFolder.h"

namespace tenon::host {

struct ShellAnswer {
  int status = -1;     // as std::system gives it; 0 is success
  std::string output;  // standard output and error together
};

inline ShellAnswer shell(const std::string& command) {
  const TempFolder folder;
  folder.write("output", "");
  ShellAnswer answer;
  answer.status = std::system(("{ " + command + "\n} >'" + (folder / "output").text() + "' 2>&1").c_str());
  answer.output = folder.read("output");
  return answer;
}

inline bool hasTool(const std::string& name) {
  return shell("command -v " + name + " >&2 && echo here").output.ends_with("here\n");
}

}  // namespace tenon::host

#define TENON_NEEDS_TOOL(name) \
  if (!::tenon::host::hasTool(name)) GTEST_SKIP() << name << " is not installed here"
