// What a process of its own is to do with a plugin, as a document in a file; and how it says what came of it: lines on its
// standard output, which a plugin may write to as well.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/base/Path.h"
#include "host/base/Result.h"
#include "host/conformance/requests/Requests.h"

namespace tenon::host {

struct InspectionJob {
  enum class Task {
    Load,    // what is left after loading and one call of each kind
    Repeat,  // each request many times, by one thread and by several
    Answer,  // each request once
    Refuse,  // each request and the fingerprint's, by a sink that takes nothing
    Serve,   // as an agent: start the service, and go on until killed
    Adopt,   // as the next agent: find it, and stop it
  };
  Task task = Task::Answer;
  Path pluginFile;  // Serve, Adopt: none
  std::string fingerprintRequest;
  std::vector<PlanCase> cases;
  Path service, work;  // of Serve and Adopt: its folder with service.json, and one for records and data
  std::string plan;    // likewise: tenon.plan/1
  Millis most{0};      // the process ends itself then, should nobody else

  bool runsService() const { return task == Task::Serve || task == Task::Adopt; }
  std::string toJson() const;
  static Result<InspectionJob> parse(std::string_view text);
};

// One JSON object a line, behind this; other lines are the plugin's.
inline constexpr std::string_view kSaid = "tenon-inspection ";

}  // namespace tenon::host
