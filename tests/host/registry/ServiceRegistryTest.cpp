#include "host/registry/ServiceRegistry.h"

#include <gtest/gtest.h>

namespace tenon::host {

class ServiceRegistryTest : public testing::Test {
 protected:
  ServiceId id_ = *ServiceId::parse("langid");
  ServiceRegistry registry_;
};

TEST_F(ServiceRegistryTest, WhatIsObservedMayComeBeforeWhatIsInstalled) {
  registry_.putObserved(id_, {.state = "ready", .port = 5101});
  EXPECT_FALSE(registry_.find(id_));
  registry_.putInstalled({.service = id_, .name = "Language"});
  ASSERT_TRUE(registry_.find(id_));
  EXPECT_EQ(registry_.find(id_)->observed.port, 5101);
  EXPECT_EQ(registry_.find(id_)->name, "Language");
}

TEST_F(ServiceRegistryTest, ARemovedServiceTakesWhatWasObservedAlong) {
  registry_.putInstalled({.service = id_});
  registry_.putObserved(id_, {.state = "ready"});
  registry_.erase(id_);
  EXPECT_TRUE(registry_.all().empty());
  registry_.putInstalled({.service = id_});
  EXPECT_EQ(registry_.find(id_)->observed.state, "stopped");
}

TEST_F(ServiceRegistryTest, TellsAServiceInTheFixedForm) {
  registry_.putInstalled({.service = id_, .name = "Language"});
  const auto json = Json::parse(registry_.find(id_)->toJson().text());
  ASSERT_TRUE(json);
  for (const char* key :
       {"service_id", "version", "platform", "state", "why", "port", "ports", "pid", "started_at", "restarts"}) {
    EXPECT_TRUE(json->find(key)) << key;
  }
}

}  // namespace tenon::host
