// How the containments of one agent's life are named: "<mark>.<id>.<n>". The next agent knows the mark by a file, and with
// it ends whatever this one had started and nobody has taken up: a service whose record was not yet written, a prepare step,
// a health program. A new mark for every life, so that two agents over copies of one root do not end each other's services.
#pragma once

#include <string>

#include "host/adapter/Files.h"
#include "host/adapter/Processes.h"
#include "host/base/Log.h"

namespace tenon::host {

class ContainmentMark {
 public:
  ContainmentMark(Files& files, Log& log, Path file);

  // Before the first spawn, and when all that is recorded has been adopted. Where something of the last life cannot be
  // ended, or the file not be written, the last mark stays in use, so that the next agent tries again; that is logged.
  void begin(Processes& processes);

  std::string name(const std::string& instance) const { return text_ + "." + instance; }

 private:
  Result<void> tryBegin(Processes& processes);
  Result<std::string> readLast();
  Result<void> write(const std::string& mark);

  Files& files_;
  Log& log_;
  Path file_;
  std::string text_;
};

}  // namespace tenon::host
