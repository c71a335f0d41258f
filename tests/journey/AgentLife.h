// langid on a node whose agent goes away.
#pragma once

#include <map>
#include <string>

#include "tests/journey/Journey.h"

namespace tenon::host {

class AgentLife : public Journey {
 protected:
  void serve() { Journey::serve(langid("1.0.0")); }
  // Ready in the very process of `before`, on its port.
  void expectToRunOn(const std::map<std::string, std::string>& before) {
    ASSERT_TRUE(eventually([&] { return status("langid")["state"] == "ready"; }));
    const auto after = status("langid");
    EXPECT_EQ(after.at("pid"), before.at("pid"));
    EXPECT_EQ(after.at("port"), before.at("port"));
  }
};

}  // namespace tenon::host
