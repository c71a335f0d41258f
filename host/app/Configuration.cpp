#include "host/app/Configuration.h"

#include <Poco/AutoPtr.h>
#include <Poco/Environment.h>
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

enum Priority { kEnvironment = 0, kFile = 100 };

// Every key that the file or the environment may set: hub ↔ TENON_HUB. An empty variable is none.
constexpr const char* kKeys[] = {"hub",         "ca_file",         "trust",          "plugins",
                                 "dev_plugins", "listen",          "metrics_listen", "log_file",
                                 "verbose",     "isolation_least", "service_users"};

std::string variableOf(const std::string& key) {
  std::string variable = "TENON_" + key;
  for (char& c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

Poco::AutoPtr<Poco::Util::MapConfiguration> environmentLayer() {
  Poco::AutoPtr<Poco::Util::MapConfiguration> layer(new Poco::Util::MapConfiguration);
  for (const std::string key : kKeys) {
    const std::string value = Poco::Environment::get(variableOf(key), "");
    if (!value.empty()) layer->setString(key, value);
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
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      return Error{ErrorCode::Usage, path.text() + ": unknown key " + key}.withHint(
          "known: hub ca_file trust plugins dev_plugins listen metrics_listen log_file verbose isolation_least "
          "service_users");
    }
  }
  layers.add(layer, kFile);
  return {};
}

std::vector<std::string> listOf(const std::string& text) {
  const Poco::StringTokenizer parts(text, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return {parts.begin(), parts.end()};
}

Result<void> readIsolation(const Poco::Util::LayeredConfiguration& layers, AgentOptions& options) {
  const std::string least = layers.getString("isolation_least", std::string(name(options.leastIsolation)));
  const auto level = isolationNamed(least);
  if (!level) return Error{ErrorCode::Usage, "isolation_least: \"" + least + "\""}.withHint("say none, standard or strict");
  options.leastIsolation = *level;
  if (!layers.hasProperty("service_users")) return {};
  TENON_TRY(options.serviceUsers, UserRange::parse(layers.getString("service_users")));
  return {};
}

// As text, by the names of kKeys.
std::string valueOf(const AgentOptions& options, std::string_view key) {
  const std::pair<std::string_view, std::string> values[] = {
      {"hub", options.hub},
      {"ca_file", options.way.caFile},
      {"trust", joined(options.trust)},
      {"plugins", joined(options.plugins)},
      {"dev_plugins", options.developerPlugins ? "true" : "false"},
      {"listen", options.listen},
      {"metrics_listen", options.metricsListen},
      {"log_file", options.logFile},
      {"verbose", options.verbose ? "true" : "false"},
      {"isolation_least", std::string(name(options.leastIsolation))},
      {"service_users", std::to_string(options.serviceUsers.first) + "-" + std::to_string(options.serviceUsers.last)}};
  return std::find_if(std::begin(values), std::end(values), [&](const auto& each) { return each.first == key; })->second;
}

// A flag that says what its variable says is that variable: the command line takes some of them for the flag's default.
std::string originOf(const std::string& key, const AgentOptions& flags, const Poco::Util::LayeredConfiguration& layers) {
  const std::string variable = variableOf(key), ofEnvironment = Poco::Environment::get(variable, "");
  const std::string ofFlag = valueOf(flags, key);
  if (ofFlag != valueOf({}, key) && ofFlag != ofEnvironment) return "flag";
  if (!ofEnvironment.empty()) return variable;
  return layers.hasProperty(key) ? (flags.root / kFileName).text() : "default";
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
    TENON_CHECK(readIsolation(*layers, options));
  } catch (const Poco::Exception& exception) {  // a value that is no boolean
    return Error{ErrorCode::Usage, "configuration: " + exception.displayText()}.withHint("say true or false");
  }
  for (const std::string key : kKeys) {
    options.settings.push_back({key, valueOf(options, key), originOf(key, flags, *layers)});
  }
  return options;
}

}  // namespace tenon::host
