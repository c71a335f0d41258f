// A relay whose process has no descriptor left.
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "tests/host/relay/RelayFixture.h"

namespace tenon::host {
namespace {

constexpr auto kHttp = EndpointPolicy::Protocol::Http;

// Leaves this process `spare` descriptors, for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit low{256, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int next = ::dup(0); next >= 0; next = ::dup(0)) taken_.push_back(next);
    for (; spare > 0; --spare) giveBack();
  }
  ~FewDescriptors() {
    while (!taken_.empty()) giveBack();
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  void giveBack() {
    ::close(taken_.back());
    taken_.pop_back();
  }
  rlimit before_{};
  std::vector<int> taken_;
};

class RelayPosix : public StillRelay {
 protected:
  long count(std::string_view what) const {
    const auto lines = log_.lines();
    return std::count_if(lines.begin(), lines.end(),
                         [what](const std::string& line) { return line.find(what) != std::string::npos; });
  }
  long saidFull() const { return count("a connection has to wait: "); }
};

TEST_F(RelayPosix, OutOfDescriptorsItRestsAndThenGoesOn) {
  std::atomic<int> asked = 0;
  ScriptedServer one([&](Poco::Net::StreamSocket& socket) {
    ++asked;
    ScriptedServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none")(socket);
  });
  ScriptedServer two(ScriptedServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"));
  const std::uint16_t first = freePort(), second = freePort();
  relay({{id("one"), endpoint(first, one.port(), kHttp)}, {id("two"), endpoint(second, two.port(), kHttp)}});
  while (count(" is reached on ") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::optional<RawClient> waiting;
  {
    const FewDescriptors few(1);
    waiting.emplace(connectTo(first));
    waiting->send(get("/"));
    while (saidFull() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(connectTo(second).ask(get("/")).body, "two");
  EXPECT_EQ(asked, 0) << "until the next look, the socket that is ready all the while is left alone";
  clock_.advance(limits::kRelayLookAgain);
  EXPECT_EQ(waiting->answer().body, "one");
  EXPECT_EQ(saidFull(), 1);
}

}  // namespace
}  // namespace tenon::host
