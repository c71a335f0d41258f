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

// "elf;machine=183;loader=/lib/ld.so;needs=liba.so,libb.so;runpath=$ORIGIN"
std::string linkingElf(const std::string& kind) {
  ElfLinks links;
  std::istringstream parts(kind);
  for (std::string part; std::getline(parts, part, ';');) {
    const auto at = part.find('=');
    const std::string name = part.substr(0, at), value = at == std::string::npos ? "" : part.substr(at + 1);
    if (name == "machine") links.machine = static_cast<unsigned>(std::stoul(value));
    if (name == "loader") links.loader = value;
    if (name == "runpath") links.runpath = value;
    std::istringstream needs(name == "needs" ? value : "");
    for (std::string library; std::getline(needs, library, ',');) links.needed.push_back(library);
  }
  return elfBytesLinking(links);
}

std::string contentOf(const std::string& kind) {
  if (kind == "text") return "text\n";
  if (kind == "script") return "#!/bin/sh\n";
  if (kind == "elf-x64") return elfBytes(62);
  if (kind == "elf-arm64") return elfBytes(183);
  if (kind == "elf-x64-glibc-2.99") return elfBytesNeeding("2.99");
  if (kind == "pe-x64") return peBytes(0x8664);
  if (kind.starts_with("elf;")) return linkingElf(kind);
  throw std::runtime_error("package.txt names an unknown kind of file: " + kind);
}

}  // namespace

std::vector<GoldenCase> GoldenCase::all() {
  constexpr bool isWindows = std::filesystem::path::preferred_separator == '\\';
  std::vector<GoldenCase> cases;
  for (const auto& driver : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/tests/plugins/golden")) {
    for (const auto& folder : std::filesystem::directory_iterator(driver.path())) {
      if (isWindows && std::filesystem::exists(folder.path() / "posix")) continue;
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
  for (std::size_t at = 0; (at = request.find(place, at)) != std::string::npos;) {
    request.replace(at, place.size(), package.text());
  }
  return request;
}

}  // namespace tenon::host
