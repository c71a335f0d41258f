// Case 56 of the fault list: no descriptors are left.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "tests/host/lifecycle/LifeTest.h"

namespace tenon::host {
namespace {

// While it lives, this process may open `more` files beside those that it has open.
class FewFiles {
 public:
  explicit FewFiles(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &was_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    const rlimit few = {static_cast<rlim_t>(next) + more, was_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &was_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit was_ = {};
};

using OpenFiles = LifeTest;

// With none, with one and so on, until they are enough.
TEST_F(OpenFiles, Case56OutOfDescriptorsAnUpgradeIsRefusedAndChangesNothing) {
  constexpr rlim_t kEnough = 32;
  installed("1.1.0");
  publish("1.2.0");
  const auto before = services();
  int named = 0;
  bool done = false;
  for (rlim_t more = 0; more < kEnough && !done && !HasFailure(); ++more) {
    SCOPED_TRACE("descriptors: " + std::to_string(more));
    const auto last = agent().with().events.last();
    const auto change = [&] {
      const FewFiles few(more);
      return agent().upgrade();
    }();
    const auto events = agent().with().events.after(last, 100);
    const auto ended = std::find_if(events.begin(), events.end(), [](const Event& e) { return e.type == "change-ended"; });
    ASSERT_NE(ended, events.end());
    done = change && change->state == Change::State::Done;
    if (done) break;
    EXPECT_NE(ended->why.find("Too many open files"), std::string::npos) << ended->why;
    EXPECT_THAT(ended->details, testing::Contains(std::pair<std::string, std::string>("code", "io-error")));
    // Where not even the change's own record could be written, the event alone tells.
    if (change && change->error) {
      ++named;
      EXPECT_EQ(change->outcome, "nothing was changed");
      EXPECT_NE(change->error->hint().find("LimitNOFILE"), std::string::npos) << change->error->hint();
    }
    // To take away what was begun needs descriptors as well: then the next start does it.
    if (!disk().leftover().empty()) restartAgent();
    EXPECT_EQ(disk().leftover(), "");
    EXPECT_EQ(services(), before);
    EXPECT_EQ(agent().serving(), "1.1.0 ready");
  }
  EXPECT_TRUE(done);
  EXPECT_GT(named, 0);
  EXPECT_EQ(agent().serving(), "1.2.0 ready");
}

}  // namespace
}  // namespace tenon::host
