// What it costs to trust a package of 47,000 files: one Ed25519 signature, and MANIFEST from its bytes to a list.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/Bench.h"
#include "host/trust/KeyFile.h"
#include "host/trust/Sha256.h"
#include "host/trust/SignatureVerifier.h"

namespace tenon::host {
namespace {

std::string manifestText(std::size_t files) {
  PackageManifest manifest{
      {need(ServiceId::parse("bench")), need(SemVer::parse("1.0.0")), need(PlatformId::parse("linux-x64"))}, 1, {}};
  for (std::size_t i = 0; i < files; ++i) {
    const auto number = std::to_string(1'000'000 + i);  // sorts as it counts
    const auto path = "runtime/python/lib/site-packages/p" + number.substr(0, 6) + "/module_" + number + ".py";
    manifest.files.push_back({sha256(path), ManifestFile::Kind::Plain, 16'384 + i, path});
  }
  return manifest.text();
}

// A key that is trusted, and MANIFEST signed by it.
struct Signed {
  explicit Signed(std::size_t files) {
    need(ring.add(publicKeyOf(key), "", "bench"));
    claims.manifest = manifestText(files);
    claims.manifestSignature = toSignatureFile({{keyId(publicKeyOf(key)), signEd25519(key, *claims.manifest)}});
  }
  const SecretKeyBytes key = generateSecretKey();
  KeyRing ring;
  PackageClaims claims;
};

void BM_Ed25519Verify(benchmark::State& state) {
  const auto secret = generateSecretKey();
  const auto key = publicKeyOf(secret);
  const std::string message(256, 'm');
  const auto signature = signEd25519(secret, message);
  for (auto _ : state) {
    if (!verifyEd25519(key, message, asText(signature))) state.SkipWithError("a good signature was refused");
  }
}
BENCHMARK(BM_Ed25519Verify)->Unit(benchmark::kMicrosecond);

// Signature over all of MANIFEST's bytes, then its text: what is done before a byte is unpacked.
void BM_VerifyManifest(benchmark::State& state) {
  const Signed made(static_cast<std::size_t>(state.range(0)));
  const SignatureVerifier verifier(made.ring);
  for (auto _ : state) benchmark::DoNotOptimize(need(verifier.verify({}, made.claims, std::nullopt)));
  state.counters["files"] = static_cast<double>(state.range(0));
}
BENCHMARK(BM_VerifyManifest)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000)->Arg(47'000)->Unit(benchmark::kMillisecond);

void BM_ParseManifest(benchmark::State& state) {
  const auto text = manifestText(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(need(PackageManifest::parse(text)));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(BM_ParseManifest)->Arg(47'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::host

BENCHMARK_MAIN();
