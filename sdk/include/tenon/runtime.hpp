// Runtimes (an interpreter, a virtual machine) that a package carries in runtime/<name>/, or that the node has. Header-only,
// C++17.
#ifndef TENON_RUNTIME_HPP
#define TENON_RUNTIME_HPP

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "tenon/driver.hpp"
#include "tenon/executable.hpp"

namespace tenon {

struct Runtime {
  std::string title;                  // for people: "Python"
  std::string name;                   // of its folder in packages (runtime/python), and of its attributes ("python.path")
  std::string command;                // as the node's search path has it: "python3"
  std::vector<std::string> programs;  // in that folder, for the request's platform: the first that is there is taken
  bool carried = false;               // packages for this platform have to bring it

  std::string folder() const { return "runtime/" + name; }
};

// Fills in a fingerprint by the first of the commands that the node has: "<name>.path", and "<name>.version" where
// `versionOf` tells one, given the program's file with no link left in its path. Nothing is started.
template <class VersionOf>
void findOnNode(Fingerprint& fingerprint, const std::string& name, const std::vector<std::string>& commands,
                const VersionOf& versionOf) {
  describeLibc(fingerprint);
  for (const auto& command : commands) {
    const auto found = which(command);
    if (!found) continue;
    fingerprint.healthy().attribute(name + ".path", *found);
    std::error_code error;
    const auto real = std::filesystem::canonical(nativePath(*found), error);
    const std::string version = error ? "" : versionOf(real);
    if (!version.empty()) fingerprint.attribute(name + ".version", version);
    return;
  }
  fingerprint.undetected("no " + commands.front() + " on the node's search path; packages with their own runtime/" + name +
                         " run all the same");
}

// The package's own program of the runtime, nothing where it has no such folder. Throws a Problem where that folder lacks
// the program, or has one for another platform.
inline std::optional<PackagePath> carriedRuntime(const PlanRequest& request, const Runtime& runtime) {
  for (const auto& program : runtime.programs) {
    const PackagePath own = request.packageDir / (runtime.folder() + "/" + program);
    if (own.isFile()) return requireFits(own, request, "exec.type"), own;
  }
  if ((request.packageDir / runtime.folder()).exists()) {
    throw invalid("exec.type",
                  "the package has " + runtime.folder() + " but no " + runtime.folder() + "/" + runtime.programs.front());
  }
  return std::nullopt;
}

// The node's own program of the runtime. Throws a Problem where the platform or the node's owner wants packages to bring
// theirs, or the node has none.
inline Text nodesRuntime(const PlanRequest& request, const Runtime& runtime) {
  const std::string own = runtime.folder() + "/" + runtime.programs.front();
  if (runtime.carried) {
    throw invalid("exec.type", "a " + runtime.title + " package for Windows must bring its own " + runtime.title + ": " +
                                   own + " is missing");
  }
  if (!request.policy.boolean("system_runtime").otherwise(true)) {
    throw invalid("exec.type",
                  "this node runs only packages that bring their own " + runtime.title + ": " + own + " is missing");
  }
  const auto found = request.fingerprint.string(runtime.name + ".path");
  if (!found || found->empty()) {
    throw unavailable("the package brings no " + runtime.title + " (" + own + "), and this node has no " + runtime.command)
        .errorCode("resource-missing")
        .hint("install " + runtime.command + " on the node, or pack the service with " + runtime.folder());
  }
  return found;
}

// The file of the package that service.json names. Throws a Problem that names the member where it is not there.
inline PackagePath requireFile(const PlanRequest& request, const std::string& name, const std::string& field) {
  const PackagePath file = request.packageDir / name;
  if (file.isFile()) return file;
  throw invalid(field, file.inside() ? "the package has no file " + name : name + " lies outside the package");
}

}  // namespace tenon

#endif
