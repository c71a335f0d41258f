// What every command shares: the machine, the streams, the global options, and the one command that the arguments chose.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "host/adapter/PlatformAdapter.h"
#include "host/base/Clock.h"
#include "host/base/Json.h"
#include "host/base/Result.h"
#include "host/contract/service/ServiceLimits.h"
#include "host/http/HttpClient.h"
#include "host/store/ServiceUsers.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tenon::host {

// What an agent goes by, and who decided it: "flag", "TENON_HUB", the path of a file, "default".
struct Setting {
  std::string key, value, origin;
};
JsonArray toJson(const std::vector<Setting>& settings);

struct AgentOptions {
  Path root;
  std::string hub;                   // "" : none
  std::vector<std::string> trust;    // files of public keys
  std::vector<std::string> plugins;  // further folders
  bool developerPlugins = false;
  std::string listen;         // "": the unix socket
  std::string metricsListen;  // where /metrics alone is served; "": nowhere
  std::string logFile;        // "": standard error
  HttpWay way;                // to the hub
  Isolation leastIsolation = Isolation::None;
  ServiceLimits serviceLimits;
  UserRange serviceUsers;    // where services get users of their own
  std::string noticeSocket;  // of the system's manager, which started this process and wants to be told; "": none
  Millis watchdog{0};        // how long it takes a silent agent for alive; 0: for ever
  bool verbose = false;
  std::vector<Setting> settings;  // all of the above that can be set, where they are complete
};

struct HubOptions {
  Path data;
  std::string listen = "127.0.0.1:8640";
  std::string tokenFile;               // "": <data>/token
  std::vector<std::string> indexKeys;  // files of secret keys
  std::uint64_t indexDays = 7;
};

struct RelayOptions {
  std::string table;         // run/endpoints.json of an agent's root
  std::uint16_t health = 0;  // loopback port; 0: none
};

struct RunOptions {
  Path folder;                           // with service.json in it
  std::string driver;                    // a plugin's library, which alone plans; "": those that are installed
  Path data;                             // ""; a folder that goes with the run
  std::vector<std::string> environment;  // NAME=VALUE, over what service.json says
  bool planOnly = false;
};

// The servers, which `app` plugs in: the command line is a floor below it.
class ServerPrograms {
 public:
  virtual ~ServerPrograms() = default;
  // Run until asked to stop; the exit status.
  virtual Result<int> agent(const AgentOptions& options) = 0;
  // What an agent would go by that is started here with these flags.
  virtual Result<std::vector<Setting>> settings(const AgentOptions& flags) = 0;
  virtual Result<int> hub(const HubOptions& options) = 0;
  virtual Result<int> relay(const RelayOptions& options) = 0;
  // Until asked to stop, or the service has ended for good.
  virtual Result<int> run(const RunOptions& options) = 0;
  // Would it be planned? Starts nothing.
  virtual Result<void> plans(const RunOptions& options) = 0;
  // The program in which plugins run apart.
  virtual Path pluginHost() const = 0;
};

enum class OutputFormat { Table, Json, JsonLines };

class Cli {
 public:
  using Command = std::function<Result<int>()>;  // the exit status

  Cli(PlatformAdapter& with, const Clock& time, ServerPrograms& programs, std::ostream& output, std::ostream& problems)
      : adapter(with), clock(time), servers(programs), out(output), err(problems) {}

  PlatformAdapter& adapter;
  const Clock& clock;
  ServerPrograms& servers;
  std::ostream& out;
  std::ostream& err;

  // Global options.
  std::string root;
  std::string caFile;  // who may vouch for https servers; "": the system's list
  OutputFormat format = OutputFormat::Table;
  bool wait = true;
  double timeoutSeconds = 0;  // 0: as long as it takes

  Command command;  // set by the chosen verb's callback

  Files& files() const { return adapter.files(); }
  Path absolute(const std::string& text) const;  // against the working folder
  // How this command reaches hubs: with --ca-file, and by the proxies of the environment.
  HttpWay way() const;
  // One answer, as JSON or as text for people.
  void answer(const JsonObject& object, const std::string& text) const;
  // Percent on a terminal, nothing when piped: one line that the next one overwrites.
  std::function<void(std::uint64_t done, std::uint64_t total)> progressLine(const std::string& doing) const;
  bool isJson() const { return format != OutputFormat::Table; }
  bool colours() const;  // standard output is a terminal and NO_COLOR is not set
};

// What several verbs take: --hub URL, or TENON_HUB, and the token of who may change that hub.
CLI::Option* addHubOption(CLI::App& verb, std::string& hub);
void addHubTokenOption(CLI::App& verb, std::string& tokenFile);

// Each adds its verbs. One file a group.
void addServiceCommands(CLI::App& app, Cli& cli);
void addMomentCommands(CLI::App& app, Cli& cli);
void addQueryCommands(CLI::App& app, Cli& cli);
void addDiskCommands(CLI::App& app, Cli& cli);
void addConfigCommands(CLI::App& app, Cli& cli);
void addDoctorCommands(CLI::App& app, Cli& cli);
void addEventCommand(CLI::App& app, Cli& cli);
void addSetCommand(CLI::App& app, Cli& cli);
void addModelCommands(CLI::App& app, Cli& cli);
void addPluginCommands(CLI::App& app, Cli& cli);
void addAuthorCommands(CLI::App& app, Cli& cli);
void addTrustCommands(CLI::App& app, Cli& cli);  // after the author's
void addServerCommands(CLI::App& app, Cli& cli);
void addHelpCommands(CLI::App& app, Cli& cli);

}  // namespace tenon::host
