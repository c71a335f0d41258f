// Internal to host/base: JSON text from values, and the paths that errors name. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::host {

struct JsonValue;

// `text` in quotes and escaped.
void writeJsonString(std::string_view text, std::string& out);
// The same for a message: what could change or hide the line is escaped too.
std::string jsonShown(std::string_view text);
void writeJson(const JsonValue& value, std::string& out);

// "platforms" + "linux-x64" → "platforms.linux-x64"; + "1.3.0" → platforms["1.3.0"].
std::string jsonMemberPath(const std::string& path, std::string_view key);
std::string jsonElementPath(const std::string& path, std::size_t index);

}  // namespace tenon::host
