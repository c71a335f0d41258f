#include "host/conformance/Answer.h"

#include <algorithm>

#include "host/adapter/PluginCall.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"
#include "host/base/Log.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

namespace {

// One byte past the limit shows that there was more.
std::string kept(tenon_str json) { return std::string(fromPlugin(json).substr(0, limits::kPluginDocumentBytes + 1)); }

std::optional<std::string> brokenProblem(const Answer& answer) {
  if (answer.documents > 0) return "it gave a document, and code " + std::to_string(answer.code);
  if (answer.problems != 1) {
    return "it returned code " + std::to_string(answer.code) + " and told " + std::to_string(answer.problems) +
           " problems, not one";
  }
  const auto problem = Json::parse(answer.problem, {.bytes = limits::kPluginDocumentBytes});
  if (!problem) return "its problem can't be read: " + problem.error().message();
  if (answer.told("message").empty()) return "its problem has no message";
  if (answer.code == TENON_INTERNAL) return "it says that it is its own bug: " + escapeControls(answer.told("message"));
  return std::nullopt;
}

}  // namespace

Digest Answer::digest() const {
  std::string whole = std::to_string(code) + " " + std::to_string(documents) + " " + std::to_string(problems) + " " +
                      std::to_string(document.size()) + "\n";
  return sha256(whole + document + problem);
}

std::string Answer::shown() const {
  constexpr std::size_t kMost = 300;
  const std::string& text = code == TENON_OK ? document : problem;
  return "code " + std::to_string(code) + ": " + escapeControls(std::string_view(text).substr(0, kMost)) +
         (text.size() > kMost ? "..." : "");
}

std::string Answer::told(std::string_view member) const {
  const auto parsed = Json::parse(problem, {.bytes = limits::kPluginDocumentBytes});
  return parsed ? parsed->stringOr(member, "").value_or("") : "";
}

AnswerSink::AnswerSink(bool refusing) : refusing_(refusing), sink_{sizeof(tenon_sink), 0, this, &document, &problem} {}

std::int32_t AnswerSink::document(void* ctx, tenon_str json) {
  auto& self = *static_cast<AnswerSink*>(ctx);
  if (++self.answer_.documents == 1) self.answer_.document = kept(json);
  return self.refusing_ || self.answer_.documents > 1 || json.len > limits::kPluginDocumentBytes ? 1 : 0;
}

void AnswerSink::problem(void* ctx, std::int32_t, tenon_str json) {
  auto& self = *static_cast<AnswerSink*>(ctx);
  if (++self.answer_.problems == 1) self.answer_.problem = kept(json);
}

std::optional<std::string> brokenRule(const Answer& answer, std::string_view schema) {
  if (answer.code < TENON_OK || answer.code > TENON_INTERNAL) {
    return "it returned code " + std::to_string(answer.code) + ", which is none";
  }
  if (answer.code != TENON_OK) return brokenProblem(answer);
  if (answer.documents != 1) return "it succeeded with " + std::to_string(answer.documents) + " documents, not one";
  if (answer.problems > 0) return std::string("it succeeded, and told a problem");
  if (answer.document.size() > limits::kPluginDocumentBytes) return std::string("its document is larger than 1 MiB");
  const auto document = Json::parse(answer.document, {.bytes = limits::kPluginDocumentBytes});
  if (!document) return "its document can't be read: " + document.error().message();
  if (document->stringOr("schema", "").value_or("") != schema) {
    return "its document is no " + std::string(schema) + ": its schema says otherwise";
  }
  return std::nullopt;
}

}  // namespace tenon::host
