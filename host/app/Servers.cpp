#include "host/app/Servers.h"

#include <Poco/Util/ServerApplication.h>
#include <atomic>
#include <functional>
#include <iostream>

#include "host/app/Agent.h"
#include "host/app/Configuration.h"
#include "host/app/InstalledPlugins.h"
#include "host/app/ServiceRun.h"
#include "host/app/SourceBuild.h"
#include "host/app/SystemNotice.h"
#include "host/hub/HubServer.h"
#include "host/observe/LogFile.h"
#include "host/relay/Relay.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

namespace {

constexpr std::size_t kHubWorkers = 8;

// Poco's server application knows how a system asks a server to end, and on Windows speaks with the service control manager
// where that started the program.
class Serving final : public Poco::Util::ServerApplication {
 public:
  using Work = std::function<Result<void>(const std::function<void()>& untilAsked)>;

  Result<int> during(Work work) {
    work_ = std::move(work);
    run(std::vector<std::string>{"tenon"});
    TENON_CHECK(std::move(outcome_));
    return 0;
  }

 private:
  int main(const std::vector<std::string>&) override {
    outcome_ = work_([this] { waitForTerminationRequest(); });
    return outcome_ ? EXIT_OK : EXIT_SOFTWARE;
  }

  Work work_;
  Result<void> outcome_ = Error{ErrorCode::Internal, "the server did not begin"};
};

Result<std::unique_ptr<Log>> agentLog(Files& files, const Clock& clock, const AgentOptions& options) {
  const LogLevel least = options.verbose ? LogLevel::Debug : LogLevel::Info;
  if (options.logFile.empty()) return std::make_unique<StderrLog>(least);
  return LogFile::open(files, clock, Path(options.logFile), least);
}

}  // namespace

Result<int> Servers::agent(const AgentOptions& flags) {
  adapter_.holdTermination();
  TENON_TRY(const auto options, completeOptions(adapter_.files(), flags));
  TENON_TRY(const auto log, agentLog(adapter_.files(), clock_, options));
  std::atomic<bool> again = false;
  Agent::Renewal renewal;
  renewal.begin = [&]() -> Result<void> {
    if (!adapter_.canBecome()) return adapter_.become({});
    again = true;
    Poco::Util::ServerApplication::terminate();
    return {};
  };
  SystemNotice notice(options.noticeSocket, *log);
  const auto serve = [&](const std::function<void()>& untilAsked) -> Result<void> {
    Agent agent(adapter_, clock_, *log, options, renewal);
    TENON_CHECK(agent.start());
    log->info("agent " TENON_VERSION " serves " + options.root.text() + " on " + agent.address());
    notice.send("READY=1\nSTATUS=agent " TENON_VERSION " serves " + options.root.text() + " on " + agent.address());
    if (options.watchdog > Millis{0}) agent.beat(options.watchdog / 2, [&notice] { notice.send("WATCHDOG=1"); });
    untilAsked();
    if (!again)
      notice.send("STOPPING=1");  // after it a manager waits for the process to end, which one that goes on does not
    log->info(again ? "agent goes on as the program that lies on disk now; services run on" : "agent ends; services run on");
    return {};
  };
  for (;;) {
    auto served = Serving().during(serve);
    if (!served && !options.logFile.empty()) log->error(served.error().message());
    if (!served || !again.exchange(false)) return served;
    std::vector<std::string> program{adapter_.facts().executable.text()};
    program.insert(program.end(), argv_.begin(), argv_.end());
    renewal.fault = adapter_.become(program).error().message();
    log->error("agent serves on as it was: " + renewal.fault);
  }
}

Result<std::vector<Setting>> Servers::settings(const AgentOptions& flags) {
  TENON_TRY(auto options, completeOptions(adapter_.files(), flags));
  return std::move(options.settings);
}

Result<int> Servers::hub(const HubOptions& options) {
  adapter_.holdTermination();
  StderrLog log(LogLevel::Info);
  return Serving().during([&](const std::function<void()>& untilAsked) -> Result<void> {
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
    std::cout << "hub serves " << hub->releases() << " releases of " << options.data.text() << " on http://"
              << hub->address() << "\ntoken file " << hub->tokenFile().text() << (hub->tokenWasMade() ? " (made now)" : "")
              << std::endl;
    untilAsked();
    hub->stop();
    return {};
  });
}

Result<int> Servers::relay(const RelayOptions& options) {
  adapter_.holdTermination();
  StderrLog log(LogLevel::Info);
  return Serving().during([&](const std::function<void()>& untilAsked) -> Result<void> {
    TENON_TRY(const auto relay, Relay::open({adapter_.files(), clock_, log, Path(options.table)}, options.health));
    relay->start();
    untilAsked();
    return {};
  });
}

Path Servers::pluginHost() const { return pluginHostProgram(adapter_.facts()); }

Result<int> Servers::run(const RunOptions& options) {
  if (!options.planOnly) {
    TENON_CHECK(buildSources(adapter_, options.folder, std::cerr));
  }
  adapter_.holdTermination();
  return Serving().during([&](const std::function<void()>& untilAsked) -> Result<void> {
    ServiceRun run(adapter_, clock_, std::cout, std::cerr);
    TENON_CHECK(run.plan(options));
    if (options.planOnly) {
      std::cout << run.planText() << std::endl;
      return {};
    }
    TENON_CHECK(run.start([] { Poco::Util::ServerApplication::terminate(); }));
    untilAsked();
    return run.outcome();
  });
}

Result<void> Servers::plans(const RunOptions& options) {
  return ServiceRun(adapter_, clock_, std::cout, std::cerr).plan(options);
}

}  // namespace tenon::host
