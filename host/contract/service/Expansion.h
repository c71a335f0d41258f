// ${NAME} in arguments, environment values and health endpoints [origin]. Exactly the names that are given expand; an
// unknown name is an error; "$${" is a literal "${"; any other '$' is itself.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "host/base/Result.h"

namespace tenon::host {

using Names = std::map<std::string, std::string, std::less<>>;

// Error: plan-invalid, naming the unknown name and those that exist.
Result<std::string> expand(std::string_view text, const Names& names);

}  // namespace tenon::host
