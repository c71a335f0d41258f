// How calls inside the adapter fail, and how that reaches the host: one problem document a failed call. Any thread.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "platform/windows/Os.h"
#include "tenon/plugin.h"

namespace tenon::platform {

struct Fault {
  std::int32_t code = TENON_INTERNAL;  // tenon_code
  std::string message;                 // one line: "create C:/x/y: There is not enough space on the disk"
  std::string name = {};               // of Tenon's error codes, where one fits better than `code`
  std::string hint = {};
  std::string field = {};  // of the request that is wrong
};

// Nothing: it went well.
using Outcome = std::optional<Fault>;
inline constexpr std::nullopt_t kDone = std::nullopt;

// "<doing>: <Windows' own text>", with the code that fits the error (GetLastError).
Fault osFault(const std::string& doing, DWORD error);
Fault invalid(const std::string& field, const std::string& message);
Fault notFound(const std::string& message);
Fault cancelled();  // by the caller, whose sink took no more

// What Windows says of an error: in English where that is installed, on one line, without the full stop.
std::string textOfError(DWORD error);

// Tells the fault, where there is one, and answers the tenon_code to return.
std::int32_t tell(const tenon_sink* out, const Outcome& outcome);

// No exception crosses the border: what is thrown in `body` (memory has run out) becomes an "internal" problem.
template <class Body>
std::int32_t guarded(const tenon_sink* out, Body&& body) noexcept {
  try {
    return tell(out, body());
  } catch (const std::exception& thrown) {
    try {
      return tell(out, Fault{TENON_INTERNAL, std::string("windows adapter: ") + thrown.what(), "internal"});
    } catch (...) {
      return TENON_INTERNAL;
    }
  }
}

inline std::string_view view(tenon_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, static_cast<std::size_t>(text.len));
}
inline tenon_str str(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace tenon::platform
