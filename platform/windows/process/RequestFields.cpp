#include "platform/windows/process/RequestFields.h"

namespace tenon::platform {

namespace {

using json::Value;

Outcome readPath(const std::string& text, const std::string& field, NativePath& into) {
  Outcome fault = checkPath(text, into);
  if (!fault) return kDone;
  fault->message = field + ": " + fault->message;
  fault->field = field;
  return fault;
}

}  // namespace

Outcome readText(const Value& from, const std::string& field, std::string& into) {
  const std::string* text = from.string();
  if (!text) return invalid(field, field + ": expected a string");
  if (text->find('\0') != std::string::npos) return invalid(field, field + ": holds a NUL byte");
  into = *text;
  return kDone;
}

Outcome readMember(const Value& document, const std::string& key, std::string& into) {
  const Value* value = document.find(key);
  if (!value) return invalid(key, key + ": missing");
  return readText(*value, key, into);
}

Outcome readAbsolute(const Value& document, const std::string& key, NativePath& into) {
  std::string text;
  if (auto fault = readMember(document, key, text)) return fault;
  return readPath(text, key, into);
}

Outcome readArguments(const Value& document, std::vector<std::string>& into, NativePath& program) {
  const Value* value = document.find("argv");
  const json::Items* items = value ? value->items() : nullptr;
  if (!items || items->empty()) return invalid("argv", "argv: expected a list with a program");
  for (std::size_t at = 0; at < items->size(); ++at) {
    into.emplace_back();
    if (auto fault = readText((*items)[at], "argv[" + std::to_string(at) + "]", into.back())) return fault;
  }
  return readPath(into[0], "argv[0]", program);
}

}  // namespace tenon::platform
