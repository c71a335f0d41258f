// `tenon plan install|upgrade ID`: what would happen, what it costs and whom it disturbs, before a byte of the package
// moves.
#pragma once

#include "host/lifecycle/Life.h"

namespace tenon::host {

struct PlanPreview {
  ServiceId service;
  std::string from, to;  // versions; from is "" where nothing is installed
  std::string platform;
  std::uint64_t fetchBytes = 0;                  // about; 0 where `to` is installed already
  std::uint64_t totalBytes = 0;                  // of the zip
  std::uint64_t fetchFiles = 0, totalFiles = 0;  // 0 where the hub does not serve MANIFEST
  std::uint64_t diskBytes = 0;                   // that the node needs in all while it installs
  std::uint64_t diskFreeBytes = 0;
  std::uint64_t diskFreeAfterBytes = 0;  // about: with the new release here, and those gone that nobody goes back to then
  std::uint16_t port = 0;                // that the service asks for; 0: none, or not known before the package is here
  std::string driver;                    // "python 0.1.0"; "" where not known before the package is here
  std::string adapter;
  std::string keyId;                  // of MANIFEST's first trusted signature; "" where there is none
  std::string isolation;              // its level here, one line; "" where not known before the package is here
  std::string trust;                  // "root 2, index 418 expires …"; "" in mode `keys`
  std::vector<std::string> required;  // "lexicon ^1.0": other services
  std::vector<std::string> disturbs;  // services that would be interrupted: this one, and who requires it
  std::vector<Error> problems;        // why it would fail

  bool changesSomething() const { return to != from; }
  JsonObject toJson() const;
};

// Error only where nothing can be said at all: not-found, network-*.
Result<PlanPreview> previewInstall(const LifeCollaborators& with, const ReleaseSpec& wanted);

}  // namespace tenon::host
