#include "host/base/json/JsonReader.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Handler.h>
#include <Poco/JSON/Parser.h>

#include "host/base/json/JsonScanner.h"
#include "host/base/json/JsonValue.h"

namespace tenon::host {

namespace {

// What Poco reads: the text as the one element of an array, because Poco refuses a scalar at the top, and a zero in place of
// every number that is no std::int64_t, because Poco reads 18446744073709551616 as 0 and refuses larger ones.
std::string textForPoco(std::string_view text, const ScannedJson& scanned) {
  std::string out;
  out.reserve(text.size() + 2);
  out.append("[").append(text).append("]");
  for (const ScannedJson::Value& value : scanned.values) {
    if (value.kind != Json::Kind::Real) continue;
    const auto start = static_cast<std::size_t>(value.literal.data() - text.data()) + 1;
    out.replace(start, value.literal.size(), value.literal.size(), ' ');
    out[start] = '0';
  }
  return out;
}

// Takes Poco's events, each beside what the scanner noted of the same value. From the scanner come the lines, the keys (Poco
// cuts them at \u0000) and the literals of the numbers that were blanked out.
class Builder final : public Poco::JSON::Handler {
 public:
  explicit Builder(ScannedJson scanned) : scanned_(std::move(scanned)) {}

  // The finished value, or null where Poco saw something else than the scanner.
  std::shared_ptr<const JsonValue> take() {
    const bool whole = inStep_ && open_.empty() && nextValue_ == scanned_.values.size() && nextKey_ == scanned_.keys.size();
    return whole ? std::make_shared<const JsonValue>(std::move(top_)) : nullptr;
  }

  void reset() override {}
  void startObject() override { push(JsonValue::Object()); }
  void endObject() override { pop(); }
  void startArray() override {
    if (wrapped_) return push(JsonValue::Array());
    wrapped_ = true;
  }
  void endArray() override {
    if (!open_.empty()) pop();  // else the wrapper's
  }
  void key(const std::string&) override {
    if (nextKey_ < scanned_.keys.size()) {
      key_ = std::move(scanned_.keys[nextKey_++]);
    } else {
      inStep_ = false;
    }
  }
  void null() override { put(JsonValue::Data()); }
  void value(bool value) override { put(JsonValue::Data(std::in_place_type<bool>, value)); }
  void value(const std::string& value) override { put(JsonValue::Data(std::in_place_type<std::string>, value)); }
  void value(int value) override { putNumber(value); }
  void value(unsigned value) override { putNumber(value); }
  void value(Poco::Int64 value) override { putNumber(value); }
  void value(Poco::UInt64) override { inStep_ = false; }
  void value(double) override { inStep_ = false; }

 private:
  void putNumber(std::int64_t value) {
    if (nextValue_ < scanned_.values.size() && scanned_.values[nextValue_].kind == Json::Kind::Real) {
      put(JsonValue::Real{std::string(scanned_.values[nextValue_].literal)});
    } else {
      put(JsonValue::Data(std::in_place_type<std::int64_t>, value));
    }
  }

  JsonValue* put(JsonValue::Data data) {
    if (nextValue_ >= scanned_.values.size()) return inStep_ = false, nullptr;
    const ScannedJson::Value& noted = scanned_.values[nextValue_++];
    JsonValue value{noted.place, std::move(data)};
    if (value.kind() != noted.kind) inStep_ = false;
    if (open_.empty()) return top_ = std::move(value), &top_;
    if (auto* array = std::get_if<JsonValue::Array>(&open_.back()->data)) return &array->emplace_back(std::move(value));
    auto& object = std::get<JsonValue::Object>(open_.back()->data);
    object.push_back({std::move(key_), std::move(value)});
    return &object.back().value;
  }

  // Pointers into open_ stay good: a container grows only while it is the innermost one.
  template <class Container>
  void push(Container container) {
    if (nextValue_ < scanned_.values.size()) container.reserve(scanned_.values[nextValue_].children);
    if (JsonValue* opened = put(std::move(container))) open_.push_back(opened);
  }
  void pop() {
    if (open_.empty()) {
      inStep_ = false;
    } else {
      open_.pop_back();
    }
  }

  ScannedJson scanned_;
  std::size_t nextValue_ = 0, nextKey_ = 0;
  bool wrapped_ = false, inStep_ = true;
  std::string key_;
  JsonValue top_;
  std::vector<JsonValue*> open_;
};

}  // namespace

Result<std::shared_ptr<const JsonValue>> readJson(std::string_view text, const JsonLimits& limits) {
  TENON_TRY(ScannedJson scanned, JsonScanner(text, limits).scan());
  try {
    const std::string wrapped = textForPoco(text, scanned);
    Poco::SharedPtr<Builder> builder(new Builder(std::move(scanned)));
    Poco::JSON::Parser parser(builder);
    parser.setDepth(limits.depth + 2);
    parser.parse(wrapped);
    if (auto value = builder->take()) return value;
    return Error(ErrorCode::Internal, "Poco::JSON read something else than the scanner");
  } catch (const Poco::Exception& fault) {
    return Error(ErrorCode::Internal, "Poco::JSON refused what the scanner accepted: " + fault.displayText());
  }
}

}  // namespace tenon::host
