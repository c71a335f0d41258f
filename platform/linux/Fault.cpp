#include "platform/linux/Fault.h"

#include <cstring>

#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

struct Kind {
  std::int32_t code;
  const char* name;
  const char* hint;
};

Kind kindOf(int error) {
  switch (error) {
    case ENOSPC:
      return {TENON_UNAVAILABLE, "disk-full", "free space on that disk, or remove old releases"};
    case EDQUOT:
      return {TENON_UNAVAILABLE, "disk-full", "the user's disk quota is used up: raise it, or remove old releases"};
    case EEXIST:
      return {TENON_UNAVAILABLE, "already-exists", ""};
    case ENOENT:
      return {TENON_UNAVAILABLE, "not-found", ""};
    case EACCES:
    case EPERM:
    case ELOOP:
      return {TENON_DENIED, "denied", ""};
    case EROFS:
      return {TENON_DENIED, "denied", "the file system is mounted read-only"};
    case EMFILE:
    case ENFILE:
      return {TENON_UNAVAILABLE, "io-error", "raise the limit on open files (LimitNOFILE= in a systemd unit)"};
    default:
      return {TENON_UNAVAILABLE, "io-error", ""};
  }
}

// Length of the UTF-8 sequence at the front of `text`; 0 where it is none.
std::size_t sequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

}  // namespace

Fault osFault(const std::string& doing, int error) {
  const char* text = strerrordesc_np(error);
  const Kind kind = kindOf(error);
  return {kind.code, doing + ": " + (text ? text : "error " + std::to_string(error)), kind.name, kind.hint};
}

Fault invalid(const std::string& field, const std::string& message) { return {TENON_INVALID, message, {}, {}, field}; }

Fault cancelled() { return {TENON_CANCELLED, "cancelled by the caller", "cancelled"}; }

Fault notFound(const std::string& message) { return {TENON_UNAVAILABLE, message, "not-found"}; }

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequenceLength(text);
    if (length == 0) {
      out += '?';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::int32_t tell(const tenon_sink* out, const Outcome& outcome) {
  if (!outcome) return TENON_OK;
  if (!out) return outcome->code;
  json::Value document;
  document.set("message", printable(outcome->message));
  if (!outcome->name.empty()) document.set("code", outcome->name);
  if (!outcome->hint.empty()) document.set("hint", printable(outcome->hint));
  if (!outcome->field.empty()) document.set("field", outcome->field);
  out->problem(out->ctx, outcome->code, str(document.text()));
  return outcome->code;
}

}  // namespace tenon::platform
