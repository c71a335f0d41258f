// Members of the host's documents, taken out with the field's name in every fault. Any thread.
#pragma once

#include <string>
#include <vector>

#include "platform/windows/Fault.h"
#include "platform/windows/file/NativePath.h"
#include "tenon/json.hpp"

namespace tenon::platform {

// Text that goes to Windows ends at its first NUL, so none may hold one.
Outcome readText(const json::Value& from, const std::string& field, std::string& into);
Outcome readMember(const json::Value& document, const std::string& key, std::string& into);
Outcome readAbsolute(const json::Value& document, const std::string& key, NativePath& into);
// "argv": the first is the program.
Outcome readArguments(const json::Value& document, std::vector<std::string>& into, NativePath& program);

}  // namespace tenon::platform
