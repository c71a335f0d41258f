// One folder of golden/<driver>/<case>: request.json, and plan.json or problem.json. package.txt lists the package's files,
// as host/conformance/requests/GoldenVectors.h reads it.
// A file "posix" there: its paths mean nothing to Windows.
#pragma once

#include <string>
#include <vector>

#include "tests/support/TempFolder.h"

namespace tenon::host {

struct GoldenCase {
  std::string driver, name, folder;

  static std::vector<GoldenCase> all();
  static std::vector<GoldenCase> ofThisSystem();
  std::string read(const std::string& file) const;  // "" where it is not there
  // Makes the package there, and gives the request with its place in it.
  std::string prepare(const TempFolder& package) const;
};

}  // namespace tenon::host
