// One call into a plugin: lends it a sink, then tells what came of it. A document past the ABI's size, a problem that cannot
// be read, a code outside the closed list, an answer with no document: each is an error, never a guess.
// Made for one call and used on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/Result.h"
#include "tenon/plugin.h"

namespace tenon::host {

inline tenon_str toPlugin(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view fromPlugin(tenon_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, static_cast<std::size_t>(text.len));
}

class PluginCall {
 public:
  // `plugin` names who is called, for messages about a plugin that breaks the rules: "plugin linux".
  explicit PluginCall(std::string plugin, std::size_t mostBytes = TENON_DOCUMENT_MAX_BYTES);
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  const tenon_sink* sink() const { return &sink_; }

  // After the call, with the code that it returned: nothing, or its problem as an Error.
  Result<void> done(std::int32_t code);
  // The same for a call that answers with a document.
  Result<std::string> document(std::int32_t code);

 private:
  static std::int32_t takeDocument(void* ctx, tenon_str json);
  static void takeProblem(void* ctx, std::int32_t code, tenon_str json);
  Error problemAsError(std::int32_t code) const;
  Error broken(const std::string& what) const;

  std::string plugin_;
  const std::size_t mostBytes_;  // of an answer
  tenon_sink sink_;
  std::optional<std::string> document_, problem_;
  bool tooLarge_ = false;
};

}  // namespace tenon::host
