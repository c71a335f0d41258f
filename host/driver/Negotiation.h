// Whether this host can serve a plugin, by ABI major and minor. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::host {

// Nothing where it can; else who must upgrade what. `plugin` is how it is named: "python 2.0.0".
std::optional<std::string> negotiate(std::string_view plugin, int major, int minorMin);

}  // namespace tenon::host
