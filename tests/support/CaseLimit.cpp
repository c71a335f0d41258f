// Under Wine a whole program is one entry of ctest. A case that never ends then has to say its name itself, before ctest
// ends the program and whoever reads the log cannot tell which of hundreds it was.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kLimit{300}, kLook{1};  // the slowest case takes a third of the limit, beside other work

// What runs now; outlives gtest and its listeners, because the thread that looks does.
struct Running {
  std::mutex mutex;  // of both below
  Clock::time_point since;
  std::string name;

  void set(std::string to) {
    const std::lock_guard lock(mutex);
    since = Clock::now();
    name = std::move(to);
  }
  void look() {
    const std::lock_guard lock(mutex);
    if (name.empty() || Clock::now() - since < kLimit) return;
    std::printf("[  FAILED  ] %s: it has not ended after %d s\n", name.c_str(), static_cast<int>(kLimit.count()));
    std::fflush(stdout);
    std::_Exit(1);
  }
};
Running& running = *new Running;

class CaseLimit : public testing::EmptyTestEventListener {
 public:
  void OnTestProgramStart(const testing::UnitTest&) override {
    std::thread([] {
      for (;; running.look()) std::this_thread::sleep_for(kLook);
    }).detach();
  }
  void OnTestStart(const testing::TestInfo& test) override {
    running.set(std::string(test.test_suite_name()) + "." + test.name());
  }
  void OnTestEnd(const testing::TestInfo&) override { running.set(""); }
};

[[maybe_unused]] const bool limited = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new CaseLimit);
  return true;
}();

}  // namespace
