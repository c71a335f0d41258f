// The border between C++ and the ABI of plugin.h, for every family of plugin: the entry, the host's services, the sink, and
// problems. Inside, errors are thrown as tenon::Problem; at the border each becomes a code and a problem document, and no
// exception of any kind passes. Header-only, C++17.
#ifndef TENON_PLUGIN_HPP
#define TENON_PLUGIN_HPP

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tenon/json.hpp"
#include "tenon/plugin.h"

namespace tenon {

inline tenon_str toAbi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view fromAbi(tenon_str text) {
  return text.ptr ? std::string_view(text.ptr, static_cast<std::size_t>(text.len)) : std::string_view();
}

// Why a call can't be answered. One line of what and why; a hint says what to do about it.
class Problem : public std::exception {
 public:
  Problem(tenon_code code, std::string message) : code_(code), message_(std::move(message)) {}

  // A dotted path into the request: "exec.entry".
  Problem&& field(std::string path) && { return field_ = std::move(path), std::move(*this); }
  Problem&& hint(std::string text) && { return hint_ = std::move(text), std::move(*this); }
  // One of Tenon's error codes (docs/errors.md), where one fits better than the tenon_code.
  Problem&& errorCode(std::string name) && { return errorCode_ = std::move(name), std::move(*this); }
  Problem&& retryAfter(std::int64_t milliseconds) && { return retryAfterMs_ = milliseconds, std::move(*this); }

  tenon_code code() const noexcept { return code_; }
  const char* what() const noexcept override { return message_.c_str(); }

  std::string document() const {
    json::Value out = json::Value::object();
    out.set("message", message_);
    if (!hint_.empty()) out.set("hint", hint_);
    if (!field_.empty()) out.set("field", field_);
    if (!errorCode_.empty()) out.set("code", errorCode_);
    if (retryAfterMs_) out.set("retry_after_ms", *retryAfterMs_);
    return out.text();
  }

 private:
  tenon_code code_;
  std::string message_, hint_, field_, errorCode_;
  std::optional<std::int64_t> retryAfterMs_;
};

// The request is wrong, in this field.
inline Problem invalid(std::string field, std::string message) {
  return Problem(TENON_INVALID, std::move(message)).field(std::move(field));
}
// A right request, but not one for this plugin or this machine.
inline Problem unsupported(std::string message) { return Problem(TENON_UNSUPPORTED, std::move(message)); }
// Not now: something that the machine lacks.
inline Problem unavailable(std::string message) { return Problem(TENON_UNAVAILABLE, std::move(message)); }

// The host's services. A value; any thread.
class Host {
 public:
  enum class Level { Debug, Info, Warning, Error };

  explicit Host(const tenon_host* host = nullptr) : host_(host) {}
  void log(Level level, std::string_view text) const {
    if (host_ && host_->log) host_->log(host_->ctx, static_cast<std::int32_t>(level), toAbi(text));
  }

 private:
  const tenon_host* host_;
};

// Where a call puts its answer. For the length of that call, on its thread.
class Sink {
 public:
  explicit Sink(const tenon_sink* sink) : sink_(sink) {}

  // Throws a Problem: cancelled where the host says so, internal past 1 MiB.
  void document(std::string_view json) const {
    if (json.size() > TENON_DOCUMENT_MAX_BYTES) throw Problem(TENON_INTERNAL, "the answer is larger than 1 MiB");
    if (sink_->document(sink_->ctx, toAbi(json)) != 0) throw Problem(TENON_CANCELLED, "cancelled by the host");
  }
  void problem(tenon_code code, std::string_view json) const noexcept { sink_->problem(sink_->ctx, code, toAbi(json)); }

 private:
  const tenon_sink* sink_;
};

// Runs `work` at the border: TENON_OK, or the code of what it threw, told to the sink once.
template <class Work>
std::int32_t guarded(const tenon_sink* out, Work&& work) noexcept {
  const Sink sink(out);
  try {
    try {
      work();
      return TENON_OK;
    } catch (const Problem& problem) {
      sink.problem(problem.code(), problem.document());
      return problem.code();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      sink.problem(TENON_INTERNAL, Problem(TENON_INTERNAL, error.what()).document());
    } catch (...) {
      sink.problem(TENON_INTERNAL, R"({"message":"the plugin threw something that is no std::exception"})");
    }
  } catch (...) {
    sink.problem(TENON_INTERNAL, R"({"message":"the plugin ran out of memory"})");
  }
  return TENON_INTERNAL;
}

// Checks what every request has in common and gives its members: strict JSON, its schema, and that all that it insists on
// (`must_understand`) is among `known`. Throws a Problem.
inline json::Value readRequest(tenon_str text, std::string_view schema, std::initializer_list<std::string_view> known) {
  json::Parsed parsed = json::parse(fromAbi(text));
  if (!parsed) throw invalid("", "the request is no JSON: " + parsed.error);
  const json::Value* named = parsed->find("schema");
  if (!named || !named->string() || *named->string() != schema)
    throw invalid("schema", "expected \"" + std::string(schema) + "\"");
  if (const auto name = json::notUnderstood(*parsed, known)) {
    if (name->empty()) throw invalid("must_understand", "expected a list of member names");
    throw unsupported("this plugin does not know \"" + *name + "\"").field(*name).hint("upgrade the plugin");
  }
  return std::move(*parsed.value);
}

// The entry of a plugin class: made at open (from a Host where it has such a constructor), destroyed at close, and asked for
// its tables by `static const void* extension(std::string_view id)`.
template <class Plugin>
struct Entry {
  static std::int32_t open(const tenon_host* host, void** self) noexcept {
    try {
      if constexpr (std::is_constructible_v<Plugin, Host>) {
        *self = new Plugin(Host(host));
      } else {
        *self = new Plugin();
      }
      return TENON_OK;
    } catch (const Problem& problem) {
      Host(host).log(Host::Level::Error, problem.what());
      return problem.code();
    } catch (...) {
      return TENON_INTERNAL;
    }
  }
  static const void* extension(void*, const char* id) noexcept { return Plugin::extension(id); }
  static void close(void* self) noexcept { delete static_cast<Plugin*>(self); }

  static constexpr tenon_entry make() {
    return {TENON_ENTRY_MAGIC, sizeof(tenon_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, 0, 0, &open, &extension, &close};
  }
};

}  // namespace tenon

#define TENON_JOIN_AGAIN(a, b) a##b
#define TENON_JOIN(a, b) TENON_JOIN_AGAIN(a, b)
#ifdef TENON_STATIC_PLUGIN_NAME
#define TENON_ENTRY_NAME TENON_JOIN(tenon_plugin_v1_, TENON_STATIC_PLUGIN_NAME)
#else
#define TENON_ENTRY_NAME tenon_plugin_v1
#endif

// Defines the one export. Once a plugin, at namespace scope.
#define TENON_PLUGIN(...)                                                   \
  extern "C" {                                                              \
  TENON_EXPORT extern const tenon_entry TENON_ENTRY_NAME;                   \
  const tenon_entry TENON_ENTRY_NAME = ::tenon::Entry<__VA_ARGS__>::make(); \
  }

#endif
