#include "tests/plugins/GoldenCase.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/support/ExecutableBytes.h"

namespace tenon::host {

namespace {

std::string contentOf(const std::string& kind) {
  if (kind == "text") return "text\n";
  if (kind == "script") return "#!/bin/sh\n";
  if (kind == "elf-x64") return elfBytes(62);
  if (kind == "elf-arm64") return elfBytes(183);
  if (kind == "elf-x64-glibc-2.99") return elfBytesNeeding("2.99");
  if (kind == "pe-x64") return peBytes(0x8664);
  throw std::runtime_error("package.txt names an unknown kind of file: " + kind);
}

}  // namespace

std::vector<GoldenCase> GoldenCase::all() {
  std::vector<GoldenCase> cases;
  for (const auto& driver : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/tests/plugins/golden")) {
    for (const auto& folder : std::filesystem::directory_iterator(driver.path())) {
      cases.push_back({driver.path().filename().string(), folder.path().filename().string(), folder.path().string()});
    }
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return cases;
}

std::string GoldenCase::read(const std::string& file) const {
  std::ifstream in(folder + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string GoldenCase::prepare(const TempFolder& package) const {
  std::istringstream lines(read("package.txt"));
  for (std::string kind, path; lines >> kind >> path;) {
    package.write(path, kind.front() == '@' ? read(kind.substr(1)) : contentOf(kind));
  }
  std::string request = read("request.json");
  const std::string place = "@PACKAGE@";
  return request.replace(request.find(place), place.size(), package.text());
}

}  // namespace tenon::host
