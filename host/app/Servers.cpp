#include "host/app/Servers.h"

#include <Poco/Util/ServerApplication.h>
#include <functional>
#include <iostream>

#include "host/app/Agent.h"
#include "host/app/Configuration.h"
#include "host/hub/HubServer.h"

namespace tenon::host {

namespace {

constexpr std::size_t kHubWorkers = 8;

// Poco's server application gives the wait for SIGTERM and the like; everything else of it is left alone.
class UntilAsked final : public Poco::Util::ServerApplication {
 public:
  void wait() { waitForTerminationRequest(); }
};

}  // namespace

Result<int> Servers::agent(const AgentOptions& flags) {
  adapter_.holdTermination();
  TENON_TRY(const auto options, completeOptions(adapter_.files(), flags));
  UntilAsked application;
  StderrLog log(options.verbose ? LogLevel::Debug : LogLevel::Info);
  Agent agent(adapter_, clock_, log, options);
  TENON_CHECK(agent.start());
  log.info("agent " TENON_VERSION " serves " + options.root.text() + " on " + agent.address());
  application.wait();
  log.info("agent ends; services run on");
  return 0;
}

Result<int> Servers::hub(const HubOptions& options) {
  adapter_.holdTermination();
  UntilAsked application;
  StderrLog log(LogLevel::Info);
  WorkerPool workers(kHubWorkers);
  HubServer::Config config{.data = options.data, .listen = options.listen};
  if (!options.tokenFile.empty()) config.tokenFile = Path(options.tokenFile);
  config.indexKeys.lifetime = std::chrono::hours{24 * options.indexDays};
  for (const auto& file : options.indexKeys) {
    TENON_TRY(const auto pem, adapter_.files().readAll(Path(file), limits::kKeyFileBytes));
    TENON_TRY(auto key, withContext("--index-key " + file, secretKeyFromPem(pem)));
    config.indexKeys.keys.push_back(std::move(key));
  }
  TENON_TRY(const auto hub, HubServer::open(config, {adapter_.files(), workers, clock_, log}));
  hub->start();
  std::cout << "hub serves " << hub->releases() << " releases of " << options.data.text() << " on http://" << hub->address()
            << "\ntoken file " << hub->tokenFile().text() << (hub->tokenWasMade() ? " (made now)" : "") << std::endl;
  application.wait();
  hub->stop();
  return 0;
}

}  // namespace tenon::host
