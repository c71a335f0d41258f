#include "host/hub/HubServer.h"

#include "host/hub/HubApi.h"

namespace tenon::host {
namespace {

class ServingHub final : public HubServer {
 public:
  ServingHub(Collaborators with, HubStore store, std::vector<HubRelease> releases, HubToken token)
      : store_(std::move(store)),
        catalog_(std::move(releases)),
        token_(std::move(token)),
        upload_({with.files, with.clock, with.log, store_, catalog_, token_, with.verifier}),
        api_(store_, catalog_, upload_) {}
  ~ServingHub() override { stop(); }

  Result<void> listen(const std::string& address, Collaborators with) {
    TENON_TRY(server_, HttpServer::listen({.address = address, .serverName = "tenon-hub"},
                                          {with.files, with.pool, with.clock, with.log}, api_.routes()));
    return {};
  }
  void start() override { server_->start(); }
  void stop() override {
    if (server_) server_->stop();
  }
  std::string address() const override { return server_->address(); }
  const Path& tokenFile() const override { return token_.file(); }
  bool tokenWasMade() const override { return token_.wasMade(); }
  std::size_t releases() const override { return catalog_.size(); }

 private:
  HubStore store_;
  HubCatalog catalog_;
  const HubToken token_;
  PackageUpload upload_;
  HubApi api_;
  std::unique_ptr<HttpServer> server_;  // last: its handlers use all the others
};

}  // namespace

Result<std::unique_ptr<HubServer>> HubServer::open(const Config& config, Collaborators with) {
  TENON_TRY(HubStore store, HubStore::open(with.files, config.data));
  TENON_TRY(HubToken token, HubToken::open(with.files, config.tokenFile.value_or(config.data / "token")));
  TENON_TRY(auto releases, withContext("read " + config.data.text(), store.scan(with.log)));
  auto hub = std::make_unique<ServingHub>(with, std::move(store), std::move(releases), std::move(token));
  TENON_CHECK(hub->listen(config.listen, with));
  return std::unique_ptr<HubServer>(std::move(hub));
}

}  // namespace tenon::host
