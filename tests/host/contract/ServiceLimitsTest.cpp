#include "host/contract/service/ServiceLimits.h"

#include <gtest/gtest.h>

#include <map>

namespace tenon::host {
namespace {

std::string reread(std::string_view text) {
  const auto limits = ServiceLimits::parse(text);
  return limits ? limits->text() : limits.error().message();
}

TEST(ServiceLimits, AreReadAndTold) {
  EXPECT_EQ(reread(""), "");
  EXPECT_EQ(reread("memory_mb=2048, cpus=2, pids=512, open_files=4096"),
            "memory_mb=2048, cpus=2, pids=512, open_files=4096");
  EXPECT_EQ(reread(" open_files = 10 ,cpus=0.25, "), "cpus=0.25, open_files=10");
}

TEST(ServiceLimits, ThatMeanNothingAreRefused) {
  for (const auto* text : {"memory_mb", "memory_mb=", "=3", "memory_mb=2 GB", "memory_mb=-1", "memory_mb=0", "cpus=0",
                           "cpus=x", "gpu_memory_mb=1", "memory_mb=\"7\"", "pids=1.5", "memory_mb={}"}) {
    const auto limits = ServiceLimits::parse(text);
    ASSERT_FALSE(limits) << text;
    EXPECT_EQ(limits.error().code(), ErrorCode::Usage) << text;
  }
}

TEST(ServiceLimits, RefuseByNameWhatAsksForMore) {
  const auto asking = [](const std::string& resources) {
    return ServiceManifest::parse(R"({"service_id":"asr","version":"1.0.0","platforms":{"linux-x64":{"exec":{"type":"argv",)"
                                  R"("program":"x"},"resources":)" +
                                  resources + R"(}},"health_check":{"type":"none"},"env_schema":{}})");
  };
  const auto most = ServiceLimits::parse("memory_mb=10, cpus=1.5, pids=30, open_files=40").value();
  const auto platform = PlatformId::parse("linux-x64").value();
  EXPECT_TRUE(most.check(*asking(R"({"memory_mb":10,"cpus":1.5,"pids":30,"open_files":40})"), platform));
  for (const auto& [name, resources] : std::map<std::string, std::string>{{"memory_mb 11", R"({"memory_mb":11})"},
                                                                          {"cpus 1.6", R"({"cpus":1.6})"},
                                                                          {"pids 31", R"({"pids":31})"},
                                                                          {"open_files 41", R"({"open_files":41})"}}) {
    const auto fits = most.check(*asking(resources), platform);
    ASSERT_FALSE(fits) << name;
    EXPECT_EQ(fits.error().code(), ErrorCode::ResourceMissing);
    EXPECT_NE(fits.error().message().find("asks for " + name + ","), std::string::npos) << fits.error().message();
    EXPECT_EQ(fits.error().field(), "platforms.linux-x64.resources." + name.substr(0, name.find(' ')));
  }
}

TEST(ServiceLimits, StandInForWhatIsNotAskedFor) {
  Resources asked;
  asked.memoryMb = 100;
  asked.gpuMemoryMb = 5;
  const auto given = ServiceLimits::parse("memory_mb=200, cpus=2, pids=7")->apply(asked);
  EXPECT_EQ(given.memoryMb, 100U);
  EXPECT_EQ(given.cpus, 2.0);
  EXPECT_EQ(given.pids, 7U);
  EXPECT_FALSE(given.openFiles);
  EXPECT_EQ(given.gpuMemoryMb, 5U);
}

}  // namespace
}  // namespace tenon::host
