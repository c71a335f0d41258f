// How calls inside the adapter fail, and how that reaches the host: one problem document a failed call. Any thread.
#pragma once

#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/plugin.h"

namespace tenon::platform {

struct Fault {
  std::int32_t code = TENON_INTERNAL;  // tenon_code
  std::string message;                 // one line: "create /x/y: No space left on device"
  std::string name = {};               // of Tenon's error codes, where one fits better than `code`
  std::string hint = {};
  std::string field = {};
};

// Nothing: it went well.
using Outcome = std::optional<Fault>;
inline constexpr std::nullopt_t kDone = std::nullopt;

// "<doing>: <text of errno>", with the code that fits the errno.
Fault osFault(const std::string& doing, int error);
Fault invalid(const std::string& field, const std::string& message);
Fault notFound(const std::string& message);
Fault cancelled();  // by the caller, whose sink took no more

// Bytes that are no UTF-8 as '?', so that any file name can stand in a document.
std::string printable(std::string_view text);

// Tells the fault, where there is one, and answers the tenon_code to return.
std::int32_t tell(const tenon_sink* out, const Outcome& outcome);

// No exception crosses the border: what is thrown in `body` (memory has run out) becomes an "internal" problem.
template <class Body>
std::int32_t guarded(const tenon_sink* out, Body&& body) noexcept {
  try {
    return tell(out, body());
  } catch (const std::exception& thrown) {
    try {
      return tell(out, Fault{TENON_INTERNAL, std::string("linux adapter: ") + thrown.what(), "internal"});
    } catch (...) {
      return TENON_INTERNAL;
    }
  }
}

inline std::string_view view(tenon_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, text.len);
}
inline tenon_str str(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace tenon::platform
