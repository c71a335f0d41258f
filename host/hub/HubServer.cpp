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
        upload_({with.files, with.clock, with.log, store_, catalog_, token_, with.verifier}) {}
  ~ServingHub() override { stop(); }

  Result<void> listen(const Config& config, Collaborators with) {
    TENON_TRY(trust_, HubTrust::open({with.files, with.clock, with.log, catalog_}, config.data, config.indexKeys));
    api_ = std::make_unique<HubApi>(store_, catalog_, upload_, *trust_, token_);
    TENON_TRY(server_, HttpServer::listen({.address = config.listen, .serverName = "tenon-hub"},
                                          {with.files, with.pool, with.clock, with.log}, api_->routes()));
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
  std::unique_ptr<HubTrust> trust_;
  std::unique_ptr<HubApi> api_;
  std::unique_ptr<HttpServer> server_;  // last: its handlers use all the others
};

}  // namespace

Result<std::unique_ptr<HubServer>> HubServer::open(const Config& config, Collaborators with) {
  TENON_TRY(HubStore store, HubStore::open(with.files, config.data));
  TENON_TRY(HubToken token, HubToken::open(with.files, config.tokenFile.value_or(config.data / "token")));
  TENON_TRY(auto releases, withContext("read " + config.data.text(), store.scan(with.log)));
  auto hub = std::make_unique<ServingHub>(with, std::move(store), std::move(releases), std::move(token));
  TENON_CHECK(hub->listen(config, with));
  return std::unique_ptr<HubServer>(std::move(hub));
}

}  // namespace tenon::host
