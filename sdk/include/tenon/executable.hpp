// Prebuilt programs: what a file was built for, read from its header, and which of a package's programs fits a platform.
// Header-only, C++17.
#ifndef TENON_EXECUTABLE_HPP
#define TENON_EXECUTABLE_HPP

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/driver.hpp"
#include "tenon/elf.hpp"
#include "tenon/fields.hpp"
#include "tenon/libraries.hpp"
#include "tenon/plugin.hpp"

namespace tenon {

// What the first bytes of a file say.
struct Executable {
  enum class Format { Elf, Pe, Script, Unknown };
  Format format = Format::Unknown;
  std::string
      machine;  // as platforms name it ("x64", "arm64", "x86", "arm", "riscv64"), else "machine 0x..."; "" for scripts

  // ELF: e_ident and e_machine, System V ABI; PE: the COFF header's Machine, Microsoft's PE format.
  static Executable of(std::string_view start) {
    const auto byte = [&](std::size_t at) { return at < start.size() ? static_cast<unsigned char>(start[at]) : 0u; };
    const auto half = [&](std::size_t at) { return byte(at) | (byte(at + 1) << 8); };
    if (start.substr(0, 2) == "#!") return {Format::Script, ""};
    if (start.substr(0, 4) ==
            "\x7F"
            "ELF" &&
        start.size() >= 20) {
      const bool bigEndian = byte(5) == 2;
      return {Format::Elf, bigEndian ? number((byte(18) << 8) | byte(19)) : elfMachine(half(18))};
    }
    const std::size_t pe = half(0x3C) | (static_cast<std::size_t>(half(0x3E)) << 16);
    if (start.substr(0, 2) == "MZ" && pe < start.size() && start.substr(pe, 4) == std::string_view("PE\0\0", 4)) {
      return {Format::Pe, peMachine(half(pe + 4))};
    }
    return {};
  }
  static Executable read(const std::string& path) {
    std::ifstream in(nativePath(path), std::ios::binary);
    std::string start(4096, '\0');
    in.read(&start[0], static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(in.gcount()));
    return of(start);
  }

 private:
  static std::string peMachine(unsigned machine) {
    switch (machine) {
      case 0x14C:
        return "x86";
      case 0x8664:
        return "x64";
      case 0xAA64:
        return "arm64";
      default:
        return number(machine);
    }
  }
  static std::string number(unsigned machine) { return "machine number " + std::to_string(machine); }
};

// The folders under bin/ that hold programs for a platform, best first: Rust's target triples, then the platform's own name.
// `libc` is the node's, "gnu" or "musl"; a musl program is taken for static, so it fits both.
inline std::vector<std::string> binaryTargets(const std::string& platform, std::string_view libc) {
  const std::size_t dash = platform.find('-');
  const std::string system = platform.substr(0, dash), machine = dash == std::string::npos ? "" : platform.substr(dash + 1);
  const std::string cpu = machine == "x64" ? "x86_64" : machine == "arm64" ? "aarch64" : machine;
  if (system == "linux" && libc == "musl") return {cpu + "-unknown-linux-musl", platform};
  if (system == "linux") return {cpu + "-unknown-linux-gnu", cpu + "-unknown-linux-musl", platform};
  if (system == "windows") return {cpu + "-pc-windows-msvc", cpu + "-pc-windows-gnu", platform};
  if (system == "darwin") return {cpu + "-apple-darwin", platform};
  return {platform};
}

// The node's libc, for a fingerprint: the attribute "libc".
inline std::string detectLibc() {
  std::error_code ignored;
  const auto there = [&](const char* path) { return std::filesystem::exists(path, ignored); };
  const bool gnu = there("/lib64/ld-linux-x86-64.so.2") || there("/lib/ld-linux-aarch64.so.1");
  const bool musl = there("/lib/ld-musl-x86_64.so.1") || there("/lib/ld-musl-aarch64.so.1");
  return musl && !gnu ? "musl" : "gnu";
}

// The facts about the node that the functions below look at: "libc" and, where it is that, the version of "glibc"; and those
// of describeLibraries.
inline void describeLibc(Fingerprint& fingerprint) {
  fingerprint.attribute("libc", detectLibc());
  if (const std::string version = glibcVersion(); !version.empty()) fingerprint.attribute("glibc", version);
  describeLibraries(fingerprint);
}

// Throws a Problem where the program asks for a newer glibc than the node has: the attribute "glibc" of its fingerprint.
inline void requireGlibc(const PackagePath& program, const PlanRequest& request, const std::string& field) {
  const std::string have = request.fingerprint.string("glibc").otherwise("");
  if (have.empty()) return;
  const auto needs = ElfNeeds::read(program.real());
  if (!needs || compareVersions(needs->glibc, have) <= 0) return;
  throw unsupported(program.name() + " needs glibc " + needs->glibc + ", and this node has " + have)
      .field(field)
      .hint("build it on a system that is no newer than the node, or link it statically (musl)");
}

// Throws a Problem where the program could not start on the platform, or on this node.
inline void requireFits(const PackagePath& program, const PlanRequest& request, const std::string& field) {
  const Executable found = Executable::read(program.real());
  const bool windows = request.onWindows();
  const std::string machine = request.platform.substr(std::min(request.platform.find('-') + 1, request.platform.size()));
  if (found.format == Executable::Format::Script && !windows) return;
  if (found.format != (windows ? Executable::Format::Pe : Executable::Format::Elf)) {
    const char* what = found.format == Executable::Format::Pe       ? "a Windows program"
                       : found.format == Executable::Format::Elf    ? "an ELF program"
                       : found.format == Executable::Format::Script ? "a script"
                       : windows                                    ? "no program (no PE header)"
                                                                    : "no program (neither an ELF header nor #!)";
    throw invalid(field, program.name() + " is " + what + ", and this release is for " + request.platform);
  }
  if (found.machine != machine && (machine == "x64" || machine == "arm64")) {
    throw invalid(field,
                  program.name() + " was built for " + found.machine + ", and this release is for " + request.platform)
        .hint("pack the program that was built for " + request.platform);
  }
  if (found.format != Executable::Format::Elf) return;
  requireGlibc(program, request, field);
  requireLibraries(program, request, field);
}

// The package's program of that name: as given, else under bin/<target>/ for the first target that has it; on Windows with
// or without ".exe". Throws a Problem that names all that was looked for.
inline PackagePath findProgram(const PlanRequest& request, const std::string& name, const std::string& field) {
  std::vector<std::string> candidates{name};
  for (const auto& target : binaryTargets(request.platform, request.fingerprint.string("libc").otherwise("gnu"))) {
    candidates.push_back("bin/" + target + "/" + name);
  }
  std::string looked;
  for (const auto& candidate : candidates) {
    for (const char* suffix : {"", ".exe"}) {
      if (*suffix && !request.onWindows()) continue;
      const PackagePath path = request.packageDir / (candidate + suffix);
      if (path.isFile()) return requireFits(path, request, field), path;
      looked += (looked.empty() ? "" : ", ") + path.name();
    }
  }
  throw invalid(field, "the package has no such program; looked for " + looked)
      .hint("put the program built for " + request.platform + " at one of these places");
}

}  // namespace tenon

#endif
