#include "host/app/Configuration.h"

#include <Poco/AutoPtr.h>
#include <Poco/Environment.h>
#include <Poco/Process.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/LayeredConfiguration.h>
#include <Poco/Util/MapConfiguration.h>
#include <Poco/Util/PropertyFileConfiguration.h>
#include <algorithm>
#include <sstream>

#include "host/base/Limits.h"
#include "host/base/Text.h"

namespace tenon::host {

namespace {

constexpr std::string_view kFileName = "agent.properties";
constexpr std::uint64_t kMostWatchdog = 86'400'000'000;  // a day, in microseconds

enum Priority { kEnvironment = 0, kFile = 100 };

// Every key that the file or the environment may set, hub ↔ TENON_HUB, and what it is set to. An empty variable is none.
struct Key {
  const char* name;
  std::string (*value)(const AgentOptions&);
};
constexpr Key kKeys[] = {
    {"hub", [](const AgentOptions& of) { return of.hub; }},
    {"ca_file", [](const AgentOptions& of) { return of.way.caFile; }},
    {"trust", [](const AgentOptions& of) { return joined(of.trust); }},
    {"plugins", [](const AgentOptions& of) { return joined(of.plugins); }},
    {"dev_plugins", [](const AgentOptions& of) { return std::string(of.developerPlugins ? "true" : "false"); }},
    {"listen", [](const AgentOptions& of) { return of.listen; }},
    {"metrics_listen", [](const AgentOptions& of) { return of.metricsListen; }},
    {"log_file", [](const AgentOptions& of) { return of.logFile; }},
    {"verbose", [](const AgentOptions& of) { return std::string(of.verbose ? "true" : "false"); }},
    {"isolation_least", [](const AgentOptions& of) { return std::string(name(of.leastIsolation)); }},
    {"service_users",
     [](const AgentOptions& of) {
       return std::to_string(of.serviceUsers.first) + "-" + std::to_string(of.serviceUsers.last);
     }},
    {"service_limits", [](const AgentOptions& of) { return of.serviceLimits.text(); }}};

std::string variableOf(const Key& key) {
  std::string variable = std::string("TENON_") + key.name;
  for (char& c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

Poco::AutoPtr<Poco::Util::MapConfiguration> environmentLayer() {
  Poco::AutoPtr<Poco::Util::MapConfiguration> layer(new Poco::Util::MapConfiguration);
  for (const Key& key : kKeys) {
    const std::string value = Poco::Environment::get(variableOf(key), "");
    if (!value.empty()) layer->setString(key.name, value);
  }
  return layer;
}

Result<void> addFile(Files& files, const Path& path, Poco::Util::LayeredConfiguration& layers) {
  if (!files.exists(path)) return {};
  TENON_TRY(const auto text, files.readAll(path, limits::kServiceJsonBytes));
  std::istringstream stream(text);
  Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> layer;
  try {
    layer = new Poco::Util::PropertyFileConfiguration(stream);
  } catch (const Poco::Exception& exception) {
    return Error{ErrorCode::FormatInvalid, path.text() + ": " + exception.displayText()};
  }
  Poco::Util::AbstractConfiguration::Keys keys;
  layer->keys(keys);
  for (const auto& key : keys) {
    if (std::none_of(std::begin(kKeys), std::end(kKeys), [&](const Key& known) { return known.name == key; })) {
      std::string known = "known:";
      for (const Key& each : kKeys) known += std::string(" ") + each.name;
      return Error{ErrorCode::Usage, path.text() + ": unknown key " + key}.withHint(known);
    }
  }
  layers.add(layer, kFile);
  return {};
}

std::vector<std::string> listOf(const std::string& text) {
  const Poco::StringTokenizer parts(text, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return {parts.begin(), parts.end()};
}

// What services may have of this node.
Result<void> readShares(const Poco::Util::LayeredConfiguration& layers, AgentOptions& options) {
  const std::string least = layers.getString("isolation_least", std::string(name(options.leastIsolation)));
  const auto level = isolationNamed(least);
  if (!level) return Error{ErrorCode::Usage, "isolation_least: \"" + least + "\""}.withHint("say none, standard or strict");
  options.leastIsolation = *level;
  TENON_TRY(options.serviceLimits, ServiceLimits::parse(layers.getString("service_limits", "")));
  if (!layers.hasProperty("service_users")) return {};
  TENON_TRY(options.serviceUsers, UserRange::parse(layers.getString("service_users")));
  return {};
}

// A flag that says what its variable says is that variable: the command line takes some of them for the flag's default.
std::string originOf(const Key& key, const AgentOptions& flags, const Poco::Util::LayeredConfiguration& layers) {
  const std::string variable = variableOf(key), ofEnvironment = Poco::Environment::get(variable, "");
  const std::string ofFlag = key.value(flags);
  if (ofFlag != key.value({}) && ofFlag != ofEnvironment) return "flag";
  if (!ofEnvironment.empty()) return variable;
  return layers.hasProperty(key.name) ? (flags.root / kFileName).text() : "default";
}

// sd_notify(3), sd_watchdog_enabled(3). What is meant for another process is none of ours.
void readManager(AgentOptions& options) {
  using Poco::Environment;
  options.noticeSocket = Environment::get("NOTIFY_SOCKET", "");
  const std::string pid = Environment::get("WATCHDOG_PID", "");
  if (!pid.empty() && pid != std::to_string(Poco::Process::id())) return;
  const std::uint64_t micros = wholeNumber(Environment::get("WATCHDOG_USEC", "0")).value_or(0);
  options.watchdog = std::chrono::duration_cast<Millis>(Micros(static_cast<Micros::rep>(std::min(micros, kMostWatchdog))));
}

}  // namespace

Result<AgentOptions> completeOptions(Files& files, AgentOptions flags) {
  AgentOptions options = flags;
  Poco::AutoPtr<Poco::Util::LayeredConfiguration> layers(new Poco::Util::LayeredConfiguration);
  layers->add(environmentLayer(), kEnvironment);
  TENON_CHECK(addFile(files, options.root / kFileName, *layers));
  try {
    if (options.hub.empty()) options.hub = layers->getString("hub", "");
    if (options.way.caFile.empty()) options.way.caFile = layers->getString("ca_file", "");
    if (options.listen.empty()) options.listen = layers->getString("listen", "");
    if (options.metricsListen.empty()) options.metricsListen = layers->getString("metrics_listen", "");
    if (options.logFile.empty()) options.logFile = layers->getString("log_file", "");
    if (options.trust.empty()) options.trust = listOf(layers->getString("trust", ""));
    if (options.plugins.empty()) options.plugins = listOf(layers->getString("plugins", ""));
    options.developerPlugins = options.developerPlugins || layers->getBool("dev_plugins", false);
    options.verbose = options.verbose || layers->getBool("verbose", false);
    TENON_CHECK(readShares(*layers, options));
    readManager(options);
  } catch (const Poco::Exception& exception) {  // a value that is no boolean
    return Error{ErrorCode::Usage, "configuration: " + exception.displayText()}.withHint("say true or false");
  }
  for (const Key& key : kKeys) {
    options.settings.push_back({key.name, key.value(options), originOf(key, flags, *layers)});
  }
  return options;
}

}  // namespace tenon::host
