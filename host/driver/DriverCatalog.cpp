#include "host/driver/DriverCatalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "host/base/Limits.h"
#include "host/base/Text.h"
#include "host/contract/release/PackagePath.h"
#include "host/contract/release/SemVer.h"
#include "host/driver/DriverCalls.h"
#include "host/driver/PluginDriver.h"

namespace tenon::host {

namespace {

bool provides(const PluginManifest& manifest, std::string_view execType) {
  return std::find(manifest.provides.begin(), manifest.provides.end(), execType) != manifest.provides.end();
}

// "acme.python@^2": which plugins a service asks for.
class Pin {
 public:
  static Result<Pin> parse(const std::string& text) {
    const auto at = text.find('@');
    auto range = SemVerRange::parse(at == std::string::npos ? "*" : std::string_view(text).substr(at + 1));
    if (!range || at == 0 || text.empty()) {
      return Error(ErrorCode::PlanInvalid, "driver \"" + shownName(text) + "\" is no plugin name with a range of versions")
          .withHint("write it as \"driver\": \"acme.python@^2\"")
          .withField("driver");
    }
    return Pin(text.substr(0, at), *std::move(range));
  }
  bool fits(const PluginManifest& manifest) const {
    const auto version = SemVer::parse(manifest.version);
    return manifest.name == name_ && version && range_.contains(*version);
  }

 private:
  Pin(std::string name, SemVerRange range) : name_(std::move(name)), range_(std::move(range)) {}
  std::string name_;
  SemVerRange range_;
};

bool olderThan(const Driver* a, const Driver* b) {
  const auto left = SemVer::parse(a->manifest().version), right = SemVer::parse(b->manifest().version);
  return left && right && left->precedence(*right) < 0;
}

// Names both, and the line that settles it.
Error ambiguous(std::string_view execType, const Driver& first, const Driver& second) {
  const auto& one = first.manifest();
  const std::string pin = one.name == second.manifest().name ? one.name + "@" + one.version : one.name;
  return Error(ErrorCode::DriverAmbiguous, "exec type \"" + std::string(execType) + "\" is provided by " + one.title() +
                                               " and " + second.manifest().title())
      .withHint("add \"driver\": \"" + pin + "\" beside \"exec\" in service.json, or remove one of the plugins")
      .withField("driver");
}

std::string_view name(Fingerprint::Health health) {
  switch (health) {
    case Fingerprint::Health::Healthy:
      return "ready";
    case Fingerprint::Health::Undetected:
      return "undetected";
    case Fingerprint::Health::Unhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

}  // namespace

Result<std::unique_ptr<Driver>> DriverCatalog::openDriver(const Plugin& plugin) const {
  std::unique_ptr<DriverCalls> calls;
  if (plugin.hosts) {
    calls = callsIsolated(plugin, clock_);
  } else {
    TENON_TRY(calls, callsInProcess(plugin));
  }
  return std::unique_ptr<Driver>(std::make_unique<PluginDriver>(plugin.manifest, std::move(calls), platforms_, searchPath_));
}

void DriverCatalog::add(const Plugin& plugin) {
  if (plugin.manifest.family == "platform-adapter") return;
  auto entry = std::make_unique<Entry>();
  entry->plugin = plugin;
  if (plugin.state == PluginState::Ready) {
    if (auto opened = openDriver(plugin)) {
      entry->driver = *std::move(opened);
    } else {
      entry->plugin.state = PluginState::Broken;
      entry->plugin.why = opened.error().message();
    }
  }
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

void DriverCatalog::add(std::unique_ptr<Driver> driver, std::string path) {
  auto entry = std::make_unique<Entry>();
  entry->plugin.manifest = driver->manifest();
  entry->plugin.path = std::move(path);
  entry->plugin.state = PluginState::Ready;
  entry->driver = std::move(driver);
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

Result<Driver*> DriverCatalog::choose(std::string_view execType, const std::optional<std::string>& pin) const {
  std::optional<Pin> wanted;
  if (pin) {
    TENON_TRY(wanted, Pin::parse(*pin));
  }
  const std::lock_guard lock(mutex_);
  std::vector<Driver*> candidates;
  for (const auto& entry : entries_) {
    if (!entry->driver || !provides(entry->driver->manifest(), execType)) continue;
    if (!wanted || wanted->fits(entry->driver->manifest())) candidates.push_back(entry->driver.get());
  }
  if (candidates.empty()) return noDriver(execType, pin);
  if (!wanted && candidates.size() > 1) return ambiguous(execType, *candidates[0], *candidates[1]);
  return *std::max_element(candidates.begin(), candidates.end(), olderThan);
}

// With mutex_ held. A plugin that would be the one, were it usable, is the answer; else what there is.
Error DriverCatalog::noDriver(std::string_view execType, const std::optional<std::string>& pin) const {
  const std::string what = "exec type \"" + std::string(execType) + "\"" + (pin ? " by driver \"" + *pin + "\"" : "");
  std::set<std::string> types, names;
  for (const auto& entry : entries_) {
    const auto& manifest = entry->plugin.manifest;
    const bool mine = provides(manifest, execType);
    if (mine && !entry->driver && (!pin || pin->substr(0, pin->find('@')) == manifest.name)) {
      const bool incompatible = entry->plugin.state == PluginState::Incompatible;
      return Error(incompatible ? ErrorCode::DriverIncompatible : ErrorCode::DriverMissing,
                   "no driver for " + what + ": " + entry->plugin.why)
          .withHint("`tenon drivers` lists all plugins and their states");
    }
    if (!entry->driver) continue;
    if (mine) names.insert(manifest.title());
    types.insert(manifest.provides.begin(), manifest.provides.end());
  }
  std::string there = names.empty() ? "the exec types that there are: " + joined(types) : "there is " + joined(names);
  if (types.empty()) there = "no driver is loaded";
  return Error(ErrorCode::DriverMissing, "no driver for " + what + "; " + there)
      .withHint("install a plugin that provides it, or correct service.json")
      .withField(pin && !names.empty() ? "driver" : "exec.type");
}

// Two threads may ask the driver at the same time; the later answer stays.
Result<Fingerprint> DriverCatalog::fingerprint(Driver& driver) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known = fingerprints_.find(&driver);
    if (known != fingerprints_.end() && clock_.now() - known->second.at < limits::kFingerprintAge)
      return known->second.fingerprint;
  }
  TENON_TRY(auto found, driver.fingerprint());
  const std::lock_guard lock(mutex_);
  fingerprints_.insert_or_assign(&driver, Known{found, clock_.now()});
  return found;
}

Result<LaunchPlan> DriverCatalog::plan(std::string_view execType, const std::optional<std::string>& pin,
                                       const PlanRequest& request) const {
  TENON_TRY(auto* const driver, choose(execType, pin));
  TENON_TRY(const auto found, fingerprint(*driver));
  return driver->plan(request, found);
}

DriverInfo DriverCatalog::row(const Entry& entry) const {
  const auto& manifest = entry.plugin.manifest;
  DriverInfo info{manifest.name,     manifest.version,
                  manifest.provides, std::string(host::name(entry.plugin.state)),
                  entry.plugin.why,  "",
                  entry.plugin.path};
  if (!entry.driver) return info;
  info.hosting = entry.driver->hosting();
  if (auto why = entry.driver->quarantined()) {
    info.state = "quarantined";
    info.why = *std::move(why);
    return info;
  }
  const auto found = fingerprint(*entry.driver);
  info.state = found ? name(found->health) : "broken";
  info.why = found ? found->why : found.error().message();
  return info;
}

std::vector<DriverInfo> DriverCatalog::list() const {
  std::vector<const Entry*> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) all.push_back(entry.get());  // entries are never taken away
  }
  std::vector<DriverInfo> rows;
  for (const Entry* entry : all) rows.push_back(row(*entry));
  return rows;
}

}  // namespace tenon::host
