// The texts of JSONTestSuite (read where they lie beside the checkout), and case 23 of the faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "host/base/Json.h"

namespace tenon::host {
namespace {

struct Vector {
  std::string name;
  std::string text;
};

std::vector<Vector> vectors(const std::string& prefix) {
  const std::filesystem::path folder = std::filesystem::path(TENON_SHARED_DATA) / "json" / "test_parsing";
  std::vector<Vector> found;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    found.push_back({name, {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}});
  }
  return found;
}

#define TENON_SKIP_WITHOUT(found) \
  if ((found).empty()) GTEST_SKIP() << "JSONTestSuite is not beside the checkout"

// Valid by the grammar, refused by policy: RFC 8259 leaves open what two equal keys mean, so no signed document may hold
// them.
const std::set<std::string> kRefusedByPolicy = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"};

TEST(JsonConformance, EveryValidTextIsReadAndComesBackTheSame) {
  const auto texts = vectors("y_");
  TENON_SKIP_WITHOUT(texts);
  for (const Vector& vector : texts) {
    if (kRefusedByPolicy.contains(vector.name)) continue;
    const auto json = Json::parse(vector.text);
    ASSERT_TRUE(json) << vector.name << ": " << json.error().message();
    const auto again = Json::parse(json->text());
    ASSERT_TRUE(again) << vector.name << ": " << json->text();
    EXPECT_EQ(again->text(), json->text()) << vector.name;
  }
}

TEST(JsonConformance, DuplicateKeysAreRefusedThoughTheGrammarAllowsThem) {
  const auto texts = vectors("y_");
  TENON_SKIP_WITHOUT(texts);
  std::set<std::string> refused;
  for (const Vector& vector : texts) {
    if (!Json::parse(vector.text)) refused.insert(vector.name);
  }
  EXPECT_EQ(refused, kRefusedByPolicy);
}

TEST(JsonConformance, EveryInvalidTextIsRefusedWithLineAndColumn) {
  const auto texts = vectors("n_");
  TENON_SKIP_WITHOUT(texts);
  for (const Vector& vector : texts) {
    const auto json = Json::parse(vector.text);
    ASSERT_FALSE(json) << vector.name;
    EXPECT_EQ(json.error().code(), ErrorCode::FormatInvalid) << vector.name;
    EXPECT_TRUE(json.error().message().starts_with("line ")) << vector.name << ": " << json.error().message();
  }
}

TEST(JsonConformance, TextsThatTheStandardLeavesOpenAreReadWholeOrRefusedByName) {
  const auto texts = vectors("i_");
  TENON_SKIP_WITHOUT(texts);
  std::set<std::string> read;
  for (const Vector& vector : texts) {
    const auto json = Json::parse(vector.text);
    if (json) {
      read.insert(vector.name);
      EXPECT_TRUE(Json::parse(json->text())) << vector.name;
    } else {
      EXPECT_EQ(json.error().code(), ErrorCode::FormatInvalid) << vector.name << ": " << json.error().message();
    }
  }
  // Numbers that lose precision keep their literal; those that a double cannot hold at all are refused.
  EXPECT_EQ(read, (std::set<std::string>{"i_number_double_huge_neg_exp.json", "i_number_real_underflow.json",
                                         "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
                                         "i_number_very_big_negative_int.json"}));
}

std::string refusalUnder(std::string_view text, const JsonLimits& limits = {}) {
  const auto json = Json::parse(text, limits);
  if (json) return "it was read";
  EXPECT_EQ(json.error().code(), ErrorCode::FormatInvalid);
  return json.error().message();
}

TEST(Faults, Case23DuplicateKeysAreRefusedAlsoWhenOneIsEscaped) {
  EXPECT_EQ(refusalUnder("{\n  \"id\": 1,\n  \"id\": 2\n}"), "line 3, column 3: the key \"id\" stands here twice");
  EXPECT_EQ(refusalUnder(R"({"a/b":1,"\u0061\/b":2})"), R"(line 1, column 10: the key "a/b" stands here twice)");
  EXPECT_EQ(refusalUnder(R"({"😀":1,"\uD83D\uDE00":2})"), R"(line 1, column 8: the key "😀" stands here twice)");
  EXPECT_TRUE(Json::parse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"A":1})"));
  EXPECT_TRUE(Json::parse(R"({"a\u0000b":1,"a\u0000c":2,"a":3})"));
  EXPECT_EQ(Json::parse(R"({"x":[{"a":1,"a":2}]})").error().field(), "x[0].a");
}

TEST(Faults, Case23NumberWithExponentIsNoInteger) {
  const auto json = Json::parse("{\n\"ports\": {\"default\": 1e3}}");
  ASSERT_TRUE(json);
  const auto port = json->find("ports")->find("default")->integer(1, 65535);
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().message(),
            "ports.default (line 2): expected an integer, found a number with a fraction or exponent");
  EXPECT_EQ(port.error().field(), "ports.default");
}

TEST(Faults, Case23NaNAndInfinityAreRefused) {
  EXPECT_EQ(refusalUnder(R"({"a": NaN})"), "line 1, column 7: expected a value, found 'N'");
  EXPECT_EQ(refusalUnder("[Infinity]"), "line 1, column 2: expected a value, found 'I'");
  EXPECT_EQ(refusalUnder("[-Infinity]"), "line 1, column 3: expected a digit, found 'I'");
  EXPECT_EQ(refusalUnder("[1e400]"), "line 1, column 2: the number \"1e400\" is too large");
  EXPECT_TRUE(refusalUnder("[" + std::string(400, '9') + "]").ends_with("is too large"));
}

TEST(Faults, Case23ByteOrderMarkIsRefused) {
  EXPECT_EQ(refusalUnder("\xEF\xBB\xBF{}"),
            "line 1, column 1: the document starts with a byte order mark, which JSON does not allow");
  EXPECT_EQ(refusalUnder("{\xEF\xBB\xBF}"), "line 1, column 2: expected a key in quotes, found byte 0xef");
  EXPECT_FALSE(Json::parse("\xEF\xBB\xBF{}").error().hint().empty());
}

TEST(Faults, Case23DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Json::parse(nested(limits::kJsonDepth)));
  EXPECT_EQ(refusalUnder(nested(limits::kJsonDepth + 1)), "line 1, column 65: nested deeper than 64 levels");
  EXPECT_EQ(refusalUnder(nested(100'000)), "line 1, column 65: nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_TRUE(refusalUnder(objects).ends_with("nested deeper than 64 levels"));
  EXPECT_EQ(refusalUnder("[[1]]", {.bytes = 100, .depth = 1}), "line 1, column 2: nested deeper than 1 levels");
}

TEST(Faults, Case23LoneSurrogatesAreRefused) {
  for (const char* text : {R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800\ud800"])", R"(["\ud800x"])", R"(["\udbff\u0041"])",
                           R"({"\udfff":1})", R"(["\ud83d\\ude00"])"}) {
    EXPECT_EQ(refusalUnder(text), "line 1, column 3: a lone surrogate is no character") << text;
  }
  EXPECT_EQ(refusalUnder("[\"\xED\xA0\x80\"]"), "line 1, column 3: this is no UTF-8: byte 0xed");
  EXPECT_TRUE(Json::parse(R"(["\ud83d\ude00"])"));
}

TEST(Faults, Case23SizeIsBounded) {
  const auto padded = [](std::size_t bytes) { return "[]" + std::string(bytes - 2, ' '); };
  EXPECT_TRUE(Json::parse(padded(limits::kJsonBytes)));
  EXPECT_EQ(refusalUnder(padded(limits::kJsonBytes + 1)), "the document has 8388609 bytes; at most 8388608 are read");
  EXPECT_EQ(refusalUnder("[1, 2]", {.bytes = 5, .depth = 9}), "the document has 6 bytes; at most 5 are read");
}

TEST(Faults, Case23NumberOfValuesIsBounded) {
  std::string many = "[0";
  for (std::size_t i = 0; i < limits::kJsonValues; ++i) many += ",0";
  many += ']';
  EXPECT_TRUE(refusalUnder(many).ends_with("the document has more than 1000000 values"));
}

}  // namespace
}  // namespace tenon::host
