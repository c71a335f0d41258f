// Journeys of programs that other people wrote, as Debian ships them: packed, signed, installed, and seen by the system's
// own eyes. Linux only.
#pragma once

#include <set>
#include <string>

#include "tests/journey/Journey.h"
#include "tests/journey/Posix.h"

namespace tenon::host {

class RealProgram : public Journey {
 protected:
  // Where this folder keeps what the services are made of.
  static std::string source(const std::string& name);

  // A folder for a package, with this service.json; VERSION in it becomes the version.
  std::string package(const std::string& service, const std::string& version, const std::string& json);
  // The next release of it: what `tenon upgrade` answers.
  Outcome upgradeTo(const std::string& folder, int sequence);

  std::string member(const std::string& service, const std::string& name) const { return status(service)[name]; }
  long mainPid(const std::string& service) const;
  // All that runs in the service's folders or writes its log, whosever child and in whatever session.
  std::set<long> processes(const std::string& service) const;
  // None of those is left. (A zombie that no parent has buried yet holds nothing.)
  bool haveEnded(const std::string& service, const std::set<long>& those) const;
  // Stopped; none of its processes is left, and nothing listens on its port.
  void expectToStopWithoutTrace(const std::string& service);
  // The agent is killed: the service answers all the while, and the next agent takes up these very processes.
  void expectToOutliveTheAgent(const std::string& service, const std::string& target);
};

}  // namespace tenon::host
