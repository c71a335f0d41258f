// The patterns of files.executable: '*' within a part, '**' for any number of parts, '?' one character, "[a-z]" and "[!a-z]"
// one of a set. A pattern is matched against the whole path in the package. No state; any thread.
#pragma once

#include <string_view>

namespace tenon::host {

bool globMatches(std::string_view pattern, std::string_view path);

}  // namespace tenon::host
