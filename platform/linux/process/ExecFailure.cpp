#include "platform/linux/process/ExecFailure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tenon::platform {

namespace {

using Step = ChildStart::Step;

std::string headOf(const std::string& file) {
  const Descriptor open(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  char head[256];
  const ssize_t got = open ? ::read(open.get(), head, sizeof head) : -1;
  return got > 0 ? std::string(head, static_cast<std::size_t>(got)) : std::string();
}

// From "#! /usr/bin/env python3\n".
std::string interpreterOf(const std::string& head) {
  if (head.compare(0, 2, "#!") != 0) return {};
  const auto begin = head.find_first_not_of(" \t", 2);
  if (begin == std::string::npos) return {};
  return head.substr(begin, head.find_first_of(" \t\r\n", begin) - begin);
}

void explainExecute(const SpawnRequest& request, int error, Fault& fault) {
  const std::string& program = request.argv.front();
  const bool isolated = request.isolation.user || request.isolation.files;

  const bool there = ::access(program.c_str(), F_OK) == 0;
  const std::string head = there ? headOf(program) : std::string();
  const std::string interpreter = interpreterOf(head);
  const bool windowsLines = !interpreter.empty() && head.find("\r\n") != std::string::npos;
  if (error == ENOENT && !interpreter.empty()) {
    fault.message = "start " + program + ": its interpreter " + interpreter + " is missing";
    fault.hint = windowsLines ? "its lines end as on Windows: save it with Unix line ends"
                              : "install " + interpreter + ", or name one that is there in the first line";
  } else if (error == ENOENT && there) {
    fault.message = "start " + program + ": the loader that it names is missing";
    fault.hint = "it was built for another C library (musl?) or processor: pack a build for this machine";
  } else if (error == EACCES && there) {
    fault.hint = "make it executable (chmod +x), on a file system that is not mounted noexec";
    if (isolated) fault.hint += "; its isolation has to let it read the program, too";
  } else if (error == ENOEXEC) {
    fault.hint = "it is no program for this machine: another processor, or a script without a #! line";
  }
}

}  // namespace

Fault explainFailure(const SpawnRequest& request, const ChildStart& start) {
  const std::string& program = request.argv.front();
  std::string doing = "start " + program;
  if (start.failed == Step::Join) doing += ": enter its control group";
  if (start.failed == Step::Folder) doing += ": change to folder " + request.cwd;
  if (start.failed == Step::Streams) doing += ": attach " + request.output;
  if (start.failed == Step::Limits) doing += ": set its limit of open files";
  if (start.failed == Step::Privileges) doing += ": give up privileges";
  if (start.failed == Step::Descriptors) doing += ": close descriptors (needs Linux 5.11)";
  if (start.failed == Step::Groups) doing += ": take the group of its user";
  if (start.failed == Step::Rules) doing += ": shut folders by Landlock";
  if (start.failed == Step::User) doing += ": become its user";
  if (start.failed == Step::Filter) doing += ": shut the network by seccomp";
  Fault fault = osFault(doing, start.error);
  fault.hint.clear();
  if (start.failed == Step::Execute) explainExecute(request, start.error, fault);
  fault.name = "spawn-failed";
  return fault;
}

}  // namespace tenon::platform
