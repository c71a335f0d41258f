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

bool isOlder(const PluginManifest& a, const PluginManifest& b) {
  const auto left = SemVer::parse(a.version), right = SemVer::parse(b.version);
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

Result<std::unique_ptr<Driver>> DriverCatalog::open(const Plugin& plugin) const {
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
  auto entry = std::make_shared<Entry>();
  entry->plugin = plugin;
  if (plugin.state == PluginState::Ready) {
    if (auto opened = open(plugin)) {
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
  auto entry = std::make_shared<Entry>();
  entry->plugin.manifest = driver->manifest();
  entry->plugin.path = std::move(path);
  entry->plugin.state = PluginState::Ready;
  entry->driver = std::move(driver);
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

void DriverCatalog::remove(std::string_view name, std::string_view version) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    const auto& manifest = entry->plugin.manifest;
    return manifest.name == name && manifest.version == version;
  });
}

void DriverCatalog::refuse(std::string_view signedBy, const std::string& why) {
  const std::lock_guard lock(mutex_);
  for (auto& entry : entries_) {
    if (entry->plugin.signedBy != signedBy || !entry->driver) continue;
    auto refused = std::make_shared<Entry>();
    refused->plugin = entry->plugin;
    refused->plugin.state = PluginState::Refused;
    refused->plugin.why = entry->plugin.manifest.title() + " is " + why;
    entry = std::move(refused);
  }
}

Result<std::shared_ptr<Driver>> DriverCatalog::choose(std::string_view execType,
                                                      const std::optional<std::string>& pin) const {
  TENON_TRY(const auto entry, chooseEntry(execType, pin));
  return std::shared_ptr<Driver>(entry, entry->driver.get());
}

Result<DriverCatalog::EntryPtr> DriverCatalog::chooseEntry(std::string_view execType,
                                                           const std::optional<std::string>& pin) const {
  std::optional<Pin> wanted;
  if (pin) {
    TENON_TRY(wanted, Pin::parse(*pin));
  }
  const std::lock_guard lock(mutex_);
  std::vector<EntryPtr> candidates;
  for (const auto& entry : entries_) {
    if (!entry->driver || !provides(entry->driver->manifest(), execType)) continue;
    if (!wanted || wanted->fits(entry->driver->manifest())) candidates.push_back(entry);
  }
  if (candidates.empty()) return noDriver(execType, pin);
  if (!wanted && candidates.size() > 1) return ambiguous(execType, *candidates[0]->driver, *candidates[1]->driver);
  return *std::max_element(candidates.begin(), candidates.end(), [](const EntryPtr& a, const EntryPtr& b) {
    return isOlder(a->driver->manifest(), b->driver->manifest());
  });
}

Result<bool> DriverCatalog::fits(const PluginManifest& manifest, std::string_view execType,
                                 const std::optional<std::string>& pin) {
  if (!provides(manifest, execType)) return false;
  if (!pin) return true;
  TENON_TRY(const auto wanted, Pin::parse(*pin));
  return wanted.fits(manifest);
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
Result<Fingerprint> DriverCatalog::fingerprint(const Entry& entry) const {
  {
    const std::lock_guard lock(mutex_);
    if (entry.known && clock_.now() - entry.known->at < limits::kFingerprintAge) return entry.known->fingerprint;
  }
  TENON_TRY(auto found, entry.driver->fingerprint());
  const std::lock_guard lock(mutex_);
  entry.known = Known{found, clock_.now()};
  return found;
}

std::optional<Fingerprint> DriverCatalog::remembered(const Entry& entry) const {
  const std::lock_guard lock(mutex_);
  if (!entry.known) return std::nullopt;
  return entry.known->fingerprint;
}

Result<LaunchPlan> DriverCatalog::plan(std::string_view execType, const std::optional<std::string>& pin,
                                       const PlanRequest& request) const {
  TENON_TRY(const auto entry, chooseEntry(execType, pin));
  TENON_TRY(const auto found, fingerprint(*entry));
  return entry->driver->plan(request, found);
}

DriverInfo DriverCatalog::row(const Entry& entry, Look look) const {
  const auto& manifest = entry.plugin.manifest;
  DriverInfo info{.name = manifest.name,
                  .version = manifest.version,
                  .provides = manifest.provides,
                  .state = std::string(host::name(entry.plugin.state)),
                  .why = entry.plugin.why,
                  .hosting = "",
                  .path = entry.plugin.path,
                  .signedBy = entry.plugin.signedBy};
  if (!entry.driver) return info;
  info.hosting = entry.driver->hosting();
  if (look == Look::Away) return info;
  if (auto why = entry.driver->quarantined()) {
    info.state = "quarantined";
    info.why = *std::move(why);
    return info;
  }
  if (look == Look::Back) {
    const auto known = remembered(entry);
    if (known) info.state = name(known->health);
    return info;
  }
  const auto found = fingerprint(entry);
  info.state = found ? name(found->health) : "broken";
  info.why = found ? found->why : found.error().message();
  return info;
}

std::vector<DriverCatalog::EntryPtr> DriverCatalog::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::vector<DriverInfo> DriverCatalog::list(Look look) const {
  std::vector<DriverInfo> rows;
  for (const auto& entry : entries()) rows.push_back(row(*entry, look));
  return rows;
}

}  // namespace tenon::host
