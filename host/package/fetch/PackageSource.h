// Where packages come from: a hub, or a bundle in its place, and who fetches from it.
#pragma once

#include "host/package/Downloader.h"
#include "host/package/HubClient.h"

namespace tenon::host {

// Both outlive who uses it.
struct PackageSource {
  HubClient* hub = nullptr;  // null: none is configured
  Downloader* downloader = nullptr;
};

}  // namespace tenon::host
