// bench_install ZIP PUBLIC_KEY NODE: installs a package file into the data folder NODE, as the agent does it: hash, verify,
// unpack, make durable, move in. Prints "FIGURE seconds <v>", "FIGURE peak_rss_mb <v>" (above what it had before) and the
// seconds of each step.
#include <fstream>
#include <sstream>
#include <string>

#include "bench/Bench.h"
#include "host/base/Clock.h"
#include "host/package/ServicePackageManager.h"

namespace tenon::host {
namespace {

double secondsSince(Instant start) { return std::chrono::duration<double>(SystemClock().now() - start).count(); }

// The most that was ever resident.
double peakMb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  }
  fail(Error(ErrorCode::Internal, "/proc/self/status has no VmHWM"));
}

class Steps final : public PackageProgress {
 public:
  void step(std::string_view name, std::string_view) override {
    end();
    name_ = name;
    begin_ = SystemClock().now();
  }
  void bytes(std::uint64_t, std::uint64_t) override {}
  void end() {
    if (!name_.empty()) std::printf("FIGURE %s_s %.3f\n", name_.c_str(), secondsSince(begin_));
  }

 private:
  std::string name_;
  Instant begin_;
};

void install(const Path& zip, const Path& key, const Path& node) {
  Machine machine;
  KeyRing ring;
  need(ring.add(need(publicKeyFromText(need(machine.files().readAll(key, limits::MiB)))), "", key.text()));
  const SignatureVerifier verifier(ring);
  WorkerPool pool(2);
  const SystemClock clock;
  ServicePackageManager manager({machine.files(), pool, verifier}, PackageLayout(node), machine.facts().platforms);
  need(machine.files().makeFolders(node));
  JournalRecord journal;
  journal.change = 1;
  journal.operation = "install";
  Steps steps;
  const auto before = peakMb();
  const auto begin = clock.now();
  const auto staged = need(manager.take(zip, {}, journal, steps));
  const auto seconds = secondsSince(begin);
  steps.end();
  if (staged.wasThere) fail(Error(ErrorCode::AlreadyExists, node.text() + " has that release already"));
  std::printf("FIGURE seconds %.3f\nFIGURE peak_rss_mb %.1f\n", seconds, peakMb() - before);
}

}  // namespace
}  // namespace tenon::host

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "usage: bench_install ZIP PUBLIC_KEY NODE\n");
    return 2;
  }
  using tenon::host::Path;
  tenon::host::install(Path(words[1]), Path(words[2]), Path(words[3]));
}
