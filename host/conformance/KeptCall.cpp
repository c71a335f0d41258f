#include "host/conformance/KeptCall.h"

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/base/Utf8.h"
#include "host/trust/KeyFile.h"

namespace tenon::host {

std::string KeptCall::toJson() const {
  JsonObject document;
  document.set("schema", "tenon.plugin-call/1").set("plugin", plugin).set("version", version);
  document.set("library", pluginFile.text())
      .set("golden", golden.text())
      .set("check", check)
      .set("operation", plan ? "plan" : "fingerprint");
  document.set("told", told);
  // Text where people can read it; the exact bytes in any case.
  isUtf8(request) ? document.set("request", request) : document.set("request_base64", toBase64(request));
  return document.pretty();
}

Result<KeptCall> KeptCall::parse(std::string_view text) {
  TENON_TRY(const auto document, Json::parse(text));
  TENON_TRY(const auto schema, document.stringOr("schema", ""));
  if (schema != "tenon.plugin-call/1") return document.wrong("expected schema \"tenon.plugin-call/1\"");
  KeptCall call;
  TENON_TRY(call.plugin, document.stringOr("plugin", ""));
  TENON_TRY(call.version, document.stringOr("version", ""));
  TENON_TRY(std::string library, document.stringOr("library", ""));
  call.pluginFile = Path(std::move(library));
  TENON_TRY(std::string golden, document.stringOr("golden", ""));
  call.golden = Path(std::move(golden));
  TENON_TRY(call.check, document.stringOr("check", ""));
  TENON_TRY(call.told, document.stringOr("told", ""));
  TENON_TRY(const auto operation, document.member("operation"));
  TENON_TRY(const auto word, operation.string());
  if (word != "plan" && word != "fingerprint") return operation.wrong("expected \"plan\" or \"fingerprint\"");
  call.plan = word == "plan";
  if (const auto bytes = document.find("request_base64")) {
    TENON_TRY(const auto encoded, bytes->string());
    TENON_TRY(call.request, fromBase64(encoded));
    return call;
  }
  TENON_TRY(const auto request, document.member("request"));
  TENON_TRY(call.request, request.string());
  return call;
}

Result<Path> keepCall(Files& files, const Path& folder, const KeptCall& call) {
  constexpr int kMost = 1000;
  TENON_CHECK(files.makeFolders(folder));
  for (int number = 1; number <= kMost; ++number) {
    const Path path = folder / (call.plugin + "-" + call.check + (number > 1 ? "-" + std::to_string(number) : "") + ".json");
    if (files.exists(path)) continue;
    TENON_CHECK(replaceAtomically(files, path, call.toJson()));  // the check finds it again, should a power cut take it
    return path;
  }
  return Error(ErrorCode::LimitExceeded, folder.text() + " holds " + std::to_string(kMost) + " calls of " + call.plugin)
      .withHint("remove those that are mended");
}

}  // namespace tenon::host
