// bench_upgrade HUB PUBLIC_KEY NODE ID@VERSION: installs a release from a hub into the data folder NODE, as the agent does
// it: list, fetch what is missing, verify, unpack, make durable, move in. Prints "FIGURE seconds <v>", "FIGURE requests <v>"
// and "FIGURE bytes <v>": of all that the hub answered, bodies.
#include <string>

#include "bench/Bench.h"
#include "host/base/Clock.h"
#include "host/http/HttpClient.h"
#include "host/package/ServicePackageManager.h"
#include "host/package/trust/NodeTrust.h"

namespace tenon::host {
namespace {

class CountingHttp final : public HttpClient {
 public:
  std::uint64_t requests = 0, bytes = 0;

  Result<HttpResponse> fetch(const HttpRequestOptions& request, std::size_t most) override {
    ++requests;
    auto response = http_.fetch(request, most);
    if (response) bytes += response->body.size();
    return response;
  }
  Result<HttpResponse> stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                              const HttpBodySink& body) override {
    ++requests;
    return http_.stream(request, head, [&](std::string_view piece) -> Result<void> {
      bytes += piece.size();
      return body(piece);
    });
  }

 private:
  PocoHttpClient http_;
};

class Silent final : public PackageProgress {
 public:
  void step(std::string_view, std::string_view) override {}
  void bytes(std::uint64_t, std::uint64_t) override {}
};

void install(const std::string& hubUrl, const Path& key, const Path& node, const std::string& what) {
  Machine machine;
  KeyRing ring;
  need(ring.add(need(publicKeyFromText(need(machine.files().readAll(key, limits::MiB)))), "", key.text()));
  SignatureVerifier verifier(ring);
  WorkerPool pool(2);
  CountingHttp http;
  const SystemClock clock;
  Downloader downloader(machine.files(), http, clock);
  auto hub = need(HubClient::create(http, hubUrl));
  NodeTrust trust({machine.files(), clock, verifier}, PackageLayout(node), machine.facts().platforms, WallTime{});
  trust.open(std::move(ring));
  ServicePackageManager manager({machine.files(), pool, verifier}, PackageLayout(node), machine.facts().platforms);
  need(machine.files().makeFolders(node));
  JournalRecord journal;
  journal.change = 1;
  journal.operation = "install";
  Silent progress;
  const std::atomic<bool> never{false};
  const auto begin = clock.now();
  const auto variant = need(trust.offer(&hub, need(ReleaseSpec::parse(what)))).variant;
  const PackageSource source{&hub, &downloader};
  const auto staged = need(manager.fetch({source, variant, {}, journal, never}, progress));
  const auto seconds = std::chrono::duration<double>(clock.now() - begin).count();
  if (staged.wasThere) fail(Error(ErrorCode::AlreadyExists, node.text() + " has that release already"));
  std::printf("FIGURE seconds %.3f\nFIGURE requests %llu\nFIGURE bytes %llu\n", seconds,
              static_cast<unsigned long long>(http.requests), static_cast<unsigned long long>(http.bytes));
}

}  // namespace
}  // namespace tenon::host

int main(int count, char** words) {
  if (count != 5) {
    std::fprintf(stderr, "usage: bench_upgrade HUB PUBLIC_KEY NODE ID@VERSION\n");
    return 2;
  }
  using tenon::host::Path;
  tenon::host::install(words[1], Path(words[2]), Path(words[3]), words[4]);
}
