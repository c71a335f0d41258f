#include "tests/plugins/GoldenCase.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/conformance/requests/GoldenVectors.h"
#include "tests/support/MachineFiles.h"

namespace tenon::host {

std::vector<GoldenCase> GoldenCase::all() {
  std::vector<GoldenCase> cases;
  for (const auto& driver : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/tests/plugins/golden")) {
    for (const auto& folder : std::filesystem::directory_iterator(driver.path())) {
      cases.push_back(
          {driver.path().filename().string(), folder.path().filename().string(), folder.path().generic_string()});
    }
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return cases;
}

std::vector<GoldenCase> GoldenCase::ofThisSystem() {
  constexpr bool isWindows = std::filesystem::path::preferred_separator == '\\';
  std::vector<GoldenCase> cases = all();
  std::erase_if(cases, [&](const auto& each) { return isWindows && std::filesystem::exists(each.folder + "/posix"); });
  return cases;
}

std::string GoldenCase::read(const std::string& file) const {
  std::ifstream in(folder + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string GoldenCase::prepare(const TempFolder& package) const {
  MachineFiles machine;
  return readGoldenVector(*machine, Path(folder), package.path()).value().request;
}

}  // namespace tenon::host
