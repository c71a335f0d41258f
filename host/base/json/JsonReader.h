// Internal to host/base: text to values. JsonScanner decides what is valid, Poco::JSON then builds the values.
#pragma once

#include <memory>
#include <string_view>

#include "host/base/Json.h"

namespace tenon::host {

// Error: format-invalid, see JsonScanner.
Result<std::shared_ptr<const JsonValue>> readJson(std::string_view text, const JsonLimits& limits);

}  // namespace tenon::host
