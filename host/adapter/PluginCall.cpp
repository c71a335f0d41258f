#include "host/adapter/PluginCall.h"

#include <utility>

#include "host/base/Json.h"
#include "host/base/Limits.h"

namespace tenon::host {

namespace {

// Where a problem names none of our codes.
std::optional<ErrorCode> codeFor(std::int32_t code) {
  switch (code) {
    case TENON_INVALID:
      return ErrorCode::Usage;
    case TENON_UNSUPPORTED:
      return ErrorCode::PlatformUnsupported;
    case TENON_UNAVAILABLE:
      return ErrorCode::ResourceMissing;
    case TENON_CANCELLED:
      return ErrorCode::Cancelled;
    case TENON_DENIED:
      return ErrorCode::Denied;
    case TENON_INTERNAL:
      return ErrorCode::Internal;
    default:
      return std::nullopt;
  }
}

}  // namespace

PluginCall::PluginCall(std::string plugin, std::size_t mostBytes)
    : plugin_(std::move(plugin)), mostBytes_(mostBytes), sink_{sizeof(tenon_sink), 0, this, &takeDocument, &takeProblem} {}

std::int32_t PluginCall::takeDocument(void* ctx, tenon_str json) {
  auto& call = *static_cast<PluginCall*>(ctx);
  constexpr std::int32_t kStop = 1;
  if (json.len > call.mostBytes_) return call.tooLarge_ = true, kStop;
  if (call.document_) return kStop;  // one answer a call
  call.document_ = std::string(fromPlugin(json));
  return 0;
}

void PluginCall::takeProblem(void* ctx, std::int32_t, tenon_str json) {
  auto& call = *static_cast<PluginCall*>(ctx);
  if (json.len <= limits::kPluginDocumentBytes && !call.problem_) call.problem_ = std::string(fromPlugin(json));
}

Error PluginCall::broken(const std::string& what) const {
  return Error(ErrorCode::Internal, plugin_ + " broke the plugin contract: " + what)
      .withHint("a bug of that plugin: tell its vendor, `tenon plugin check` shows it");
}

Error PluginCall::problemAsError(std::int32_t code) const {
  const auto general = codeFor(code);
  if (!general) return broken("it returned code " + std::to_string(code) + ", which is none");
  if (!problem_) return broken("it failed with code " + std::to_string(code) + " and told no problem");
  const auto parsed = Json::parse(*problem_);
  if (!parsed) return broken("its problem cannot be read: " + parsed.error().message());
  const auto text = [&](std::string_view key) { return parsed->stringOr(key, "").value_or(""); };
  const std::string message = text("message");
  if (message.empty()) return broken("its problem has no message");
  return Error(errorCodeNamed(text("code")).value_or(*general), message).withHint(text("hint")).withField(text("field"));
}

Result<void> PluginCall::done(std::int32_t code) {
  if (tooLarge_) {
    return Error(ErrorCode::LimitExceeded, plugin_ + ": its answer is larger than " + std::to_string(mostBytes_) + " bytes");
  }
  if (code != TENON_OK) return problemAsError(code);
  return {};
}

Result<std::string> PluginCall::document(std::int32_t code) {
  TENON_CHECK(done(code));
  if (!document_) return broken("it succeeded without an answer");
  return *std::move(document_);
}

}  // namespace tenon::host
