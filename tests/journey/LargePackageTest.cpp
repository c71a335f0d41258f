// A package of 5 GiB, through all of its life. It takes 25 GB of disk and some minutes, so it is asked for by name:
// test_journey --gtest_also_run_disabled_tests --gtest_filter='LargePackage.*'
#include <filesystem>
#include <fstream>

#include "tests/journey/Journey.h"

namespace tenon::host {

namespace fs = std::filesystem;

class LargePackage : public Journey {
 protected:
  static constexpr std::uint64_t kGiB = 1ULL << 30;

  // In place: readText() would take all of it.
  static void flipBit(const std::string& file, std::uint64_t offset) {
    std::fstream both(file, std::ios::binary | std::ios::in | std::ios::out);
    both.seekg(static_cast<std::streamoff>(offset));
    const char flipped = static_cast<char>(both.get() ^ 1);
    both.seekp(static_cast<std::streamoff>(offset));
    both.put(flipped);
    ASSERT_TRUE(both.good());
  }
  std::uint64_t mostMemoryOfAgent() const {
    std::ifstream status("/proc/" + std::to_string(agentPid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
  }
};

TEST_F(LargePackage, DISABLED_Case38BeyondFourGiBIsInstalledAndOneBitAnywhereIsFound) {
  if (fs::space(path("")).available < 30 * kGiB) GTEST_SKIP() << "30 GB of disk are not free at " << path("");
  startHub();
  const auto folder = langid("1.0.0");
  writeNoise(folder + "/models/large.bin", 5 * kGiB);
  const auto zip = publish(folder);
  ASSERT_GT(fs::file_size(zip), 5 * kGiB);
  fs::remove_all(folder);
  const auto verify = "verify " + zip + " --trust " + path("release.pub");
  ASSERT_EQ(tenon(verify).status, 0);
  startAgent();
  const auto idle = mostMemoryOfAgent();
  ASSERT_GT(idle, 0U);
  const auto kept = inHub("langid", "1.0.0", "service.zip");
  for (const std::uint64_t offset : {2 * kGiB + 77, 4 * kGiB + 77}) {
    SCOPED_TRACE(offset);
    flipBit(zip, offset);
    EXPECT_EQ(tenon(verify).status, 5);
    flipBit(zip, offset);
    flipBit(kept, offset);
    const auto refused = tenon("install langid");
    EXPECT_EQ(refused.status, 5) << refused.err;
    EXPECT_NE(refused.err.find("error content-mismatch"), std::string::npos) << refused.err;
    EXPECT_FALSE(fs::exists(serviceFolder("langid")));
    flipBit(kept, offset);
  }
  const auto installed = tenon("install langid");
  ASSERT_EQ(installed.status, 0) << installed.err;
  EXPECT_EQ(status("langid")["state"], "ready");
  const auto memory = mostMemoryOfAgent();
  RecordProperty("agent_idle_bytes", std::to_string(idle));
  RecordProperty("agent_bytes", std::to_string(memory));
  EXPECT_LT(memory, idle + (64U << 20));  // whatever a package holds
}

}  // namespace tenon::host
