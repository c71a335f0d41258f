#include "host/contract/service/ServiceNames.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

std::vector<std::string> unknownIn(const std::string& text) {
  const auto manifest = ServiceManifest::parse(text);
  EXPECT_TRUE(manifest) << manifest.error().message();
  std::vector<std::string> fields;
  if (!manifest) return fields;
  for (const auto& fault : unknownNames(Json::parse(text).value(), *manifest)) {
    EXPECT_EQ(fault.code(), ErrorCode::PlanInvalid);
    EXPECT_GT(fault.place().line, 0U);
    fields.push_back(fault.field());
  }
  return fields;
}

TEST(ServiceNames, AreKnownWithThePortsThatThePlatformHas) {
  EXPECT_EQ(unknownIn(R"({"service_id": "a", "version": "1.0.0", "platforms": {
      "linux-x64": {"exec": {"type": "argv", "args": ["${SERVICE_PORT_ADMIN_UI}", "${PORT}", "$${ANY}", "$HOME"]},
                    "ports": {"admin_ui": 5200}},
      "windows-x64": {"exec": {"type": "argv", "args": ["x", "${SERVICE_PORT_ADMIN_UI}"]}}},
    "health_check": {}, "env_schema": {}})"),
            (std::vector<std::string>{"platforms.windows-x64.exec.args[1]"}));
}

TEST(ServiceNames, AreLookedForInVariablesDefaultsAndEndpointsOnceForAllPlatforms) {
  EXPECT_EQ(unknownIn(R"({"service_id": "a", "version": "1.0.0",
    "platforms": {"linux-x64": {"exec": {"type": "argv"}}, "windows-x64": {"exec": {"type": "argv"}}},
    "env": {"A": "${DATA_DIR}/x", "B": "${HOME}"}, "env_schema": {"C": {"default": "${X"}, "D": {"default": 4}},
    "health_check": {"endpoint": "/${Y}", "live_endpoint": "/${SERVICE_ID}"}})"),
            (std::vector<std::string>{"env.B", "env_schema.C.default", "health_check.endpoint"}));
}

}  // namespace
}  // namespace tenon::host
