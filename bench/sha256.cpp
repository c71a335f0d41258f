// SHA-256 of files in the page cache, read and hashed as Tenon does it, beside `openssl dgst -sha256` of the same file.
#include <benchmark/benchmark.h>

#include <fstream>
#include <random>
#include <string>

#include "bench/Bench.h"
#include "host/trust/Sha256.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

constexpr std::int64_t kKiB = 1 << 10, kMiB = 1 << 20;

std::string noise(std::size_t bytes) {
  std::minstd_rand random(7);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random() >> 8);
  return text;
}

// A file of so many bytes, in the page cache.
class NoiseFile {
 public:
  explicit NoiseFile(std::int64_t bytes) : path_(folder_ / "noise.bin") {
    const auto block = noise(static_cast<std::size_t>(std::min(bytes, kMiB)));
    std::ofstream out(path_.text(), std::ios::binary);
    for (std::int64_t done = 0; done < bytes; done += static_cast<std::int64_t>(block.size())) out << block;
  }
  const Path& path() const { return path_; }

 private:
  TempFolder folder_;
  Path path_;
};

void BM_Sha256OfFile(benchmark::State& state) {
  Machine machine;
  const NoiseFile file(state.range(0));
  for (auto _ : state) {
    const auto opened = need(ReadFile::open(machine.files(), file.path()));
    benchmark::DoNotOptimize(need(sha256Of(opened)));
  }
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(BM_Sha256OfFile)->Arg(8 * kKiB)->Arg(kMiB)->Arg(256 * kMiB);

void BM_Sha256OfMemory(benchmark::State& state) {
  const auto bytes = noise(static_cast<std::size_t>(kMiB));
  for (auto _ : state) benchmark::DoNotOptimize(sha256(bytes));
  state.SetBytesProcessed(kMiB * state.iterations());
}
BENCHMARK(BM_Sha256OfMemory);

// The peer; what it takes to start is in it.
void BM_Sha256OfFileByOpenssl(benchmark::State& state) {
  const NoiseFile file(state.range(0));
  const auto command = "openssl dgst -sha256 " + file.path().text() + " >/dev/null";
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) state.SkipWithError("openssl failed");
  }
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(BM_Sha256OfFileByOpenssl)->Arg(256 * kMiB)->UseRealTime();

}  // namespace
}  // namespace tenon::host

BENCHMARK_MAIN();
