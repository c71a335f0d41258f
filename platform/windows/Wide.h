// UTF-8 inside, UTF-16 at Windows' door. Stateless; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::platform {

// Nothing where the text is no UTF-8.
std::optional<std::wstring> toWide(std::string_view text);

// Half a surrogate pair, which NTFS allows in a name, comes out as U+FFFD.
std::string toUtf8(std::wstring_view text);

// As Windows compares names of files and of environment variables: by code unit, letters in upper case, whatever the locale.
// Below 0, 0, above 0.
int compareNames(std::wstring_view one, std::wstring_view other);

}  // namespace tenon::platform
