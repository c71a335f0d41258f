// What an install costs once the zip is here: read its directory, inflate, hash, write, make durable. Each figure beside
// what people use for the same work. Needs about 4 GB below the system's temp folder; TENON_BENCH_MB (300) sizes
// the package, TENON_BENCH_MODEL_MB (300) the one stored file.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "bench/Bench.h"
#include "host/pack/Packer.h"
#include "host/package/PackageReader.h"
#include "host/package/Unpacker.h"
#include "host/package/zip/ZipEntryReader.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFiles = 11'000, kFilesPerFolder = 12;

std::size_t megabytes(const char* variable, std::size_t otherwise) {
  const char* text = std::getenv(variable);
  return (text ? static_cast<std::size_t>(std::atol(text)) : otherwise) << 20;
}

// Packs to about a third, as code and text do.
std::string textLike(std::size_t bytes, unsigned seed) {
  static constexpr std::string_view kWords[] = {"import ", "return ", "self.", "value", "index", "(",   ")", ":\n    ",
                                                "for ",    " in ",    "range", "error", "None",  " = ", "0x"};
  std::minstd_rand random(seed + 1);
  std::string text;
  while (text.size() < bytes) {
    text += kWords[random() % std::size(kWords)];
    text += static_cast<char>('a' + random() % 26);
  }
  text.resize(bytes);
  return text;
}

void writeServiceJson(const TempFolder& folder, const std::string& name) {
  folder.write("source/service.json",
               R"({"service_id":")" + name +
                   R"(","version":"1.0.0","platforms":{"linux-x64":{"exec":{"type":"argv","program":"x"}}},)" +
                   R"("health_check":{"type":"none"},"env_schema":{}})");
}

// A packed, signed and verified package, and the folder that it was made of.
class BenchPackage {
 public:
  BenchPackage(const std::string& name, const std::function<void(const TempFolder&)>& fill) {
    writeServiceJson(folder_, name);
    fill(folder_);
    const auto key = generateSecretKey();
    PackRequest request{.folder = folder_ / "source",
                        .output = folder_ / "x.zip",
                        .workingFolder = folder_.path(),
                        .platform = {},
                        .sequence = 0,
                        .keys = {key}};
    need(Packer(machine_.files(), pool_).pack(request));
    need(ring_.add(publicKeyOf(key), "", "bench"));
    package_ = need(hashPackage(machine_.files(), folder_ / "x.zip"));
    // What making it left to be written is not to be paid by the first round.
    if (std::system("sync") != 0) std::exit(1);
    verified_.emplace(
        need(SignatureVerifier(ring_).verify(package_, need(readClaims(machine_.files(), package_.zip)), std::nullopt)));
  }
  Files& files() { return machine_.files(); }
  WorkerPool& pool() { return pool_; }
  const TempFolder& folder() const { return folder_; }
  const DownloadedPackage& package() const { return package_; }
  const VerifiedPackage& verified() const { return *verified_; }
  std::uint64_t bytes() const { return verified_->manifest()->totalBytes(); }

 private:
  TempFolder folder_;
  Machine machine_;
  WorkerPool pool_{2};
  KeyRing ring_;
  DownloadedPackage package_{};
  std::optional<VerifiedPackage> verified_;
};

BenchPackage& manyFiles() {
  static BenchPackage package("many", [](const TempFolder& folder) {
    const auto each = megabytes("TENON_BENCH_MB", 300) / kFiles;
    for (std::size_t i = 0; i < kFiles; ++i) {
      const auto path = "source/runtime/lib" + std::to_string(i / kFilesPerFolder / 40) + "/p" +
                        std::to_string(i / kFilesPerFolder) + "/m" + std::to_string(i) + ".py";
      folder.write(path, textLike(each / 2 + i % each, static_cast<unsigned>(i)));
    }
  });
  return package;
}

BenchPackage& oneModel() {
  static BenchPackage package("model", [](const TempFolder& folder) {
    std::minstd_rand random(7);
    std::string block(1 << 20, '\0');
    fs::create_directories((folder / "source/models").text());
    std::ofstream out((folder / "source/models/weights.bin").text(), std::ios::binary);
    for (std::size_t done = 0; done < megabytes("TENON_BENCH_MODEL_MB", 300); done += block.size()) {
      for (auto& c : block) c = static_cast<char>(random() >> 8);
      out << block;
    }
  });
  return package;
}

void count(benchmark::State& state, std::uint64_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

// A tree of its own for each round: a file system that has just freed many inodes is slow to give new ones.
std::string freshTree(const BenchPackage& package) {
  static int rounds = 0;
  return (package.folder() / ("trees/" + std::to_string(++rounds))).text();
}

void unpack(benchmark::State& state, BenchPackage& package) {
  Unpacker unpacker(package.files(), package.pool(), nullptr);
  for (auto _ : state) {
    const auto content = need(LocalPackage::open(package.files(), package.package().zip));
    need(unpacker.unpack(package.verified(), *content, Path(freshTree(package))));
  }
  count(state, package.bytes());
}

void byShell(benchmark::State& state, BenchPackage& package,
             const std::function<std::string(const std::string& to)>& command) {
  fs::create_directories((package.folder() / "trees").text());
  for (auto _ : state) {
    const auto to = freshTree(package);
    if (std::system((command(to) + " && sync -f " + to).c_str()) != 0) state.SkipWithError("the peer failed");
  }
  count(state, package.bytes());
}

// The peer: the same tree, copied and made durable, with nothing checked.
void copyTree(benchmark::State& state, BenchPackage& package) {
  byShell(state, package, [&](const std::string& to) { return "cp -r " + (package.folder() / "source").text() + " " + to; });
}

// The peer that checks and unpacks: what people do by hand.
void bsdtar(benchmark::State& state, BenchPackage& package) {
  const auto zip = package.package().zip.text();
  byShell(state, package, [&](const std::string& to) {
    return "openssl dgst -sha256 " + zip + " >/dev/null && mkdir -p " + to + " && bsdtar -xf " + zip + " -C " + to;
  });
}

void BM_UnpackManyFiles(benchmark::State& state) { unpack(state, manyFiles()); }
void BM_UnpackManyFilesByCp(benchmark::State& state) { copyTree(state, manyFiles()); }
void BM_UnpackManyFilesByBsdtar(benchmark::State& state) { bsdtar(state, manyFiles()); }
void BM_UnpackOneModel(benchmark::State& state) { unpack(state, oneModel()); }
void BM_UnpackOneModelByCp(benchmark::State& state) { copyTree(state, oneModel()); }
BENCHMARK(BM_UnpackManyFiles)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
BENCHMARK(BM_UnpackManyFilesByCp)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
BENCHMARK(BM_UnpackManyFilesByBsdtar)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
BENCHMARK(BM_UnpackOneModel)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
BENCHMARK(BM_UnpackOneModelByCp)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

// One core, no disk written: bytes that come out.
void BM_InflateManyFiles(benchmark::State& state) {
  auto& package = manyFiles();
  const auto zip = need(ReadFile::open(package.files(), package.package().zip));
  const auto directory = need(ZipDirectory::read(zip, ZipRules::Strict));
  ZipEntryReader reader(zip);
  for (auto _ : state) {
    for (const auto& entry : directory.entries()) {
      const auto read = reader.read(entry, ZipEntryReader::Check::SizeOnly, [](std::string_view piece) -> Result<void> {
        benchmark::DoNotOptimize(piece.data());
        return {};
      });
      need(read);
    }
  }
  count(state, package.bytes());
}
BENCHMARK(BM_InflateManyFiles)->Unit(benchmark::kMillisecond);

void BM_ReadDirectory(benchmark::State& state) {
  auto& package = manyFiles();
  const auto zip = need(ReadFile::open(package.files(), package.package().zip));
  for (auto _ : state) benchmark::DoNotOptimize(need(ZipDirectory::read(zip, ZipRules::Strict)));
  state.counters["entries"] = static_cast<double>(need(ZipDirectory::read(zip, ZipRules::Strict)).entries().size());
}
BENCHMARK(BM_ReadDirectory)->Unit(benchmark::kMillisecond);

void BM_HashPackage(benchmark::State& state) {
  auto& package = oneModel();
  for (auto _ : state) benchmark::DoNotOptimize(need(hashPackage(package.files(), package.package().zip)));
  count(state, package.package().sizeBytes);
}
BENCHMARK(BM_HashPackage)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::host

BENCHMARK_MAIN();
