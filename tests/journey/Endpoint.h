// A service with a port that stays, whoever serves behind it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/journey/Journey.h"

namespace tenon::host {

class Endpoint : public Journey {
 protected:
  static constexpr const char* kPort = "5941";  // the test's alone: those with endpoints run one at a time

  std::string at(const std::string& version, const std::string& strategy = "warm") {
    const std::string folder = langid(version);
    replaceIn(folder + "/service.json", "\"warm\"", "\"" + strategy + "\"");
    replaceIn(folder + "/service.json", "\"drain_ms\": 100", "\"drain_ms\": 500");
    replaceIn(folder + "/service.json",
              "\"env_schema\":", "\"endpoint\": { \"port\": " + std::string(kPort) + " },\n  \"env_schema\":");
    return folder;
  }
  void serve() { Journey::serve(at("1.0.0")); }
  std::string health() const { return get(kPort, "/health"); }
  // The process that listens at endpoints, 0 where none does.
  long relayPid() const {
    for (const auto& entry : std::filesystem::directory_iterator(root() + "/run/instances")) {
      if (!entry.path().filename().string().starts_with("tenon.relay.")) continue;
      const Json record = Json::parse(readText(entry.path().string())).value();
      return static_cast<long>(record.member("pid").value().integer(1, INT32_MAX).value());
    }
    return 0;
  }
};

}  // namespace tenon::host
