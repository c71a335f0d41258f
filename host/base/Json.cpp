#include "host/base/Json.h"

#include <Poco/NumberParser.h>

#include "host/base/json/JsonReader.h"
#include "host/base/json/JsonValue.h"
#include "host/base/json/JsonWriter.h"

namespace tenon::host {

namespace {

const char* nameOf(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::Null:
      return "null";
    case Json::Kind::Boolean:
      return "a boolean";
    case Json::Kind::Integer:
    case Json::Kind::Real:
      return "a number";
    case Json::Kind::String:
      return "a string";
    case Json::Kind::Array:
      return "an array";
    case Json::Kind::Object:
      return "an object";
  }
  return "";
}

bool isWhole(const std::string& literal) { return literal.find_first_of(".eE") == std::string::npos; }

}  // namespace

Result<Json> Json::parse(std::string_view text, const JsonLimits& limits) {
  TENON_TRY(auto value, readJson(text, limits));
  return Json(std::move(value), "");
}

Json::Kind Json::kind() const { return value_->kind(); }

TextPlace Json::place() const { return value_->place; }

Error Json::wrong(const std::string& what) const {
  const std::string where = path_.empty() ? "the document" : path_;
  return Error(ErrorCode::FormatInvalid, where + " (line " + std::to_string(line()) + "): " + what)
      .withField(path_)
      .withPlace(place());
}

Error Json::mismatch(const char* expected) const {
  return wrong(std::string("expected ") + expected + ", found " + nameOf(kind()));
}

Result<std::string> Json::string() const {
  if (const auto* text = std::get_if<std::string>(&value_->data)) return *text;
  return mismatch("a string");
}

Result<std::int64_t> Json::integer(std::int64_t least, std::int64_t most) const {
  const auto* number = std::get_if<std::int64_t>(&value_->data);
  if (number != nullptr && *number >= least && *number <= most) return *number;
  const auto* real = std::get_if<JsonValue::Real>(&value_->data);
  if (real != nullptr && !isWhole(real->literal))
    return wrong("expected an integer, found a number with a fraction or exponent");
  if (number == nullptr && real == nullptr) return mismatch("an integer");
  return wrong("must be from " + std::to_string(least) + " to " + std::to_string(most) + ", found " +
               (number != nullptr ? std::to_string(*number) : std::string("a number that does not fit 64 bits")));
}

Result<double> Json::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_->data)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<JsonValue::Real>(&value_->data)) {
    double value = 0;
    if (Poco::NumberParser::tryParseFloat(real->literal, value)) return value;
  }
  return mismatch("a number");
}

Result<bool> Json::boolean() const {
  if (const auto* value = std::get_if<bool>(&value_->data)) return *value;
  return mismatch("a boolean");
}

Result<std::vector<Json>> Json::array() const {
  const auto* values = std::get_if<JsonValue::Array>(&value_->data);
  if (values == nullptr) return mismatch("an array");
  std::vector<Json> items;
  items.reserve(values->size());
  for (const JsonValue& value : *values) items.push_back(at(value, jsonElementPath(path_, items.size())));
  return items;
}

Result<std::vector<std::string>> Json::strings() const {
  TENON_TRY(const auto items, array());
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const Json& item : items) {
    TENON_TRY(auto text, item.string());
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<std::pair<std::string, Json>>> Json::members() const {
  const auto* values = std::get_if<JsonValue::Object>(&value_->data);
  if (values == nullptr) return mismatch("an object");
  std::vector<std::pair<std::string, Json>> members;
  members.reserve(values->size());
  for (const auto& [key, value] : *values) members.emplace_back(key, at(value, jsonMemberPath(path_, key)));
  return members;
}

std::optional<Json> Json::find(std::string_view key) const {
  if (const auto* values = std::get_if<JsonValue::Object>(&value_->data)) {
    for (const auto& [name, value] : *values) {
      if (name == key) return at(value, jsonMemberPath(path_, key));
    }
  }
  return std::nullopt;
}

Json Json::innermost(std::string_view path) const {
  const auto leadsTo = [&](const std::string& step) {
    return path.starts_with(step) && (path.size() == step.size() || path[step.size()] == '.' || path[step.size()] == '[');
  };
  if (const auto* values = std::get_if<JsonValue::Object>(&value_->data)) {
    for (const auto& [key, value] : *values) {
      const Json inner = at(value, jsonMemberPath(path_, key));
      if (leadsTo(inner.path())) return inner.innermost(path);
    }
  }
  if (const auto* values = std::get_if<JsonValue::Array>(&value_->data)) {
    for (std::size_t i = 0; i < values->size(); ++i) {
      const Json inner = at((*values)[i], jsonElementPath(path_, i));
      if (leadsTo(inner.path())) return inner.innermost(path);
    }
  }
  return *this;
}

Result<Json> Json::member(std::string_view key) const {
  if (!isObject()) return mismatch("an object");
  if (auto found = find(key)) return *std::move(found);
  std::string missing;
  writeJsonString(key, missing);
  return wrong(missing + " is missing").withField(jsonMemberPath(path_, key));
}

Result<std::string> Json::stringOr(std::string_view key, std::string otherwise) const {
  if (!isObject()) return mismatch("an object");
  const auto found = find(key);
  return found ? found->string() : Result<std::string>(std::move(otherwise));
}

Result<std::int64_t> Json::integerOr(std::string_view key, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t most) const {
  if (!isObject()) return mismatch("an object");
  const auto found = find(key);
  return found ? found->integer(least, most) : Result<std::int64_t>(otherwise);
}

Result<bool> Json::booleanOr(std::string_view key, bool otherwise) const {
  if (!isObject()) return mismatch("an object");
  const auto found = find(key);
  return found ? found->boolean() : Result<bool>(otherwise);
}

Result<std::vector<std::string>> Json::stringsOr(std::string_view key, std::vector<std::string> otherwise) const {
  if (!isObject()) return mismatch("an object");
  const auto found = find(key);
  return found ? found->strings() : Result<std::vector<std::string>>(std::move(otherwise));
}

std::string Json::text() const {
  std::string out;
  writeJson(*value_, out);
  return out;
}

}  // namespace tenon::host
