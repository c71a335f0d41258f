// langid on a node whose agent goes away.
#pragma once

#include <map>
#include <string>

#include "tests/journey/Journey.h"

namespace tenon::host {

class AgentLife : public Journey {
 protected:
  void serve() {
    startHub();
    startAgent();
    publish(langid("1.0.0"));
    ASSERT_EQ(tenon("install langid").status, 0);
  }
  // Ready again, in another process than that of `before`.
  bool comesBackAfter(const std::map<std::string, std::string>& before) {
    return eventually([&] {
      auto row = status("langid");
      return row["state"] == "ready" && row["pid"] != before.at("pid");
    });
  }
  // Ready in the very process of `before`, on its port.
  void expectToRunOn(const std::map<std::string, std::string>& before) {
    ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
    const auto after = status("langid");
    EXPECT_EQ(after.at("pid"), before.at("pid"));
    EXPECT_EQ(after.at("port"), before.at("port"));
  }
};

}  // namespace tenon::host
