// A bundle: what a hub says and holds of one release, as one zip that people can carry to a node without a network. Nothing
// in it is believed for being there: the node asks it as it asks a hub.
//
//   bundle.json                          whose release it is
//   services.json                        the hub's list, with this one release
//   service.zip, service.json, MANIFEST, MANIFEST.sig
//   models/<id>/<version>/…              what service.json names of models
//   root/<n>.json, .sig                  from 1 on; index/<platform>.json, .sig     (of a hub that has roots)
#pragma once

#include <string>
#include <string_view>

#include "host/base/Result.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

inline constexpr std::string_view kBundleSuffix = ".bundle";
inline constexpr std::string_view kBundleName = "bundle.json", kBundleListName = "services.json",
                                  kBundleZipName = "service.zip";

// The hub's path of what a bundle holds (decoded, without a query), as the name of its entry; "" where a bundle holds no
// such thing.
std::string bundleEntryOf(const Release& release, std::string_view path);

std::string bundleText(const Release& release);          // of bundle.json
Result<Release> parseBundleText(std::string_view text);  // format-invalid

}  // namespace tenon::host
