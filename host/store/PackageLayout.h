// Every path that the agent can write, in one place. Purely lexical.
//
//   <root>/services/<id>/versions/<version>/<platform>/   the release, read-only                       [origin]
//                        versions/<version>/<platform>.identity   what a release without MANIFEST was verified by
//                        _staging/<version>-<platform>-<rand>/                                         [origin]
//                        current.json    the one commit point
//                        installed.json  derived; rebuilt from versions/ when lost                     [origin]
//                        journal.json    the transaction in flight
//                        wanted.json  policy.json  refused.json
//                        plans/<version>-<platform>.json   data/   logs/
//   <root>/store/<xx>/<sha256>[.x]   read-only files, each release's tree links to them
//   <root>/trash/<rand>/   trees of releases that are gone, deleted in the background; nothing reads them
//   <root>/users.json   which user of the system each service runs as
//   <root>/changes/<n>.json  <root>/changes/<n>.evidence/  <root>/events.jsonl
//   <root>/plugins/<name>/<version>/<name>.{so,plugin.json,sig}   of vendors
//   <root>/cache/<id>/  <root>/trust/keys/  trust/plugins/<key id>.json  trust/root/<n>.json + .sig  trust/floors.json
//   <root>/run/agent.json run/agent.lock run/token run/endpoints.json run/relay/  run/mark  run/locks/<id>
//   run/instances/<id>.<n>.json
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/Path.h"
#include "host/contract/CurrentRelease.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

// The folder of one service.
class ServiceLayout {
 public:
  static constexpr std::string_view kIdentitySuffix = ".identity";

  ServiceLayout(Path folder, Path trash) : folder_(std::move(folder)), trash_(std::move(trash)) {}

  const Path& folder() const { return folder_; }
  const Path& trash() const { return trash_; }  // the node's: on the same disk, for all services
  Path versions() const { return folder_ / "versions"; }
  Path version(const SemVer& version) const { return versions() / version.text(); }
  Path release(const SemVer& version, const PlatformId& platform) const { return this->version(version) / platform.text(); }
  Path release(const InstalledRelease& release) const { return this->release(release.version, release.platform); }
  // Beside the tree and never in it, so that the tree equals what was signed. Only for a package without MANIFEST.
  Path identity(const SemVer& version, const PlatformId& platform) const {
    return this->version(version) / (platform.text() + std::string(kIdentitySuffix));
  }
  Path staging() const { return folder_ / "_staging"; }
  Path current() const { return folder_ / "current.json"; }
  Path installed() const { return folder_ / "installed.json"; }
  Path journal() const { return folder_ / "journal.json"; }
  Path wanted() const { return folder_ / "wanted.json"; }
  Path policy() const { return folder_ / "policy.json"; }
  Path refused() const { return folder_ / "refused.json"; }
  Path plans() const { return folder_ / "plans"; }
  Path plan(const InstalledRelease& release) const {
    return plans() / (release.version.text() + "-" + release.platform.text() + ".json");
  }
  // Until the release has proven healthy.
  Path index(const InstalledRelease& release) const {
    return plans() / (release.version.text() + "-" + release.platform.text() + ".index");
  }
  Path data() const { return folder_ / "data"; }
  Path logs() const { return folder_ / "logs"; }
  // One file a version, so that two releases side by side do not mix, and a failed one's stays.
  Path log(const SemVer& version) const { return logs() / (version.text() + ".log"); }

 private:
  Path folder_, trash_;
};

class PackageLayout {
 public:
  explicit PackageLayout(Path root) : root_(std::move(root)) {}

  const Path& root() const { return root_; }
  Path services() const { return root_ / "services"; }
  ServiceLayout service(const ServiceId& id) const { return {services() / id.text(), trash()}; }
  Path store() const { return root_ / "store"; }
  Path trash() const { return root_ / "trash"; }
  Path changes() const { return root_ / "changes"; }
  Path change(std::uint64_t number) const { return changes() / (std::to_string(number) + ".json"); }
  Path evidence(std::uint64_t number) const { return changes() / (std::to_string(number) + ".evidence"); }
  Path events() const { return root_ / "events.jsonl"; }
  Path users() const { return root_ / "users.json"; }
  Path cache() const { return root_ / "cache"; }  // downloads, by service; safe to delete while no agent runs
  Path cache(const ServiceId& id) const { return cache() / id.text(); }
  Path trust() const { return root_ / "trust"; }
  Path trustedKeys() const { return trust() / "keys"; }
  Path vendorKeys() const { return trust() / "plugins"; }
  Path plugins() const { return root_ / "plugins"; }  // of vendors, by name and version
  Path roots() const { return trust() / "root"; }
  Path root(std::uint64_t version) const { return roots() / (std::to_string(version) + ".json"); }
  Path trustFloors() const { return trust() / "floors.json"; }
  Path run() const { return root_ / "run"; }
  Path agentFile() const { return run() / "agent.json"; }
  Path agentLock() const { return run() / "agent.lock"; }
  // Held by whoever changes a service; outside its folder, so that a refused install leaves no folder behind.
  Path serviceLock(const ServiceId& id) const { return locks() / id.text(); }
  Path locks() const { return run() / "locks"; }
  Path endpoints() const { return run() / "endpoints.json"; }
  Path relay() const { return run() / "relay"; }  // its log, and what it needs to live
  Path token() const { return run() / "token"; }
  Path containmentMark() const { return run() / "mark"; }
  Path executions() const { return run() / "exec"; }
  Path instances() const { return run() / "instances"; }
  Path instance(const ServiceId& id, std::uint64_t number) const {
    return instances() / (id.text() + "." + std::to_string(number) + ".json");
  }

 private:
  Path root_;
};

}  // namespace tenon::host
