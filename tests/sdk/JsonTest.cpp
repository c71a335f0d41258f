#include "tenon/json.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

namespace tenon::json {
namespace {

std::string rewritten(std::string_view text) {
  const Parsed parsed = parse(text);
  return parsed ? parsed->text() : parsed.error;
}

TEST(PluginJson, ReadsAndWritesWhatTheConformanceVectorsSay) {
  const std::filesystem::path folder = std::filesystem::path(TENON_SHARED_DATA) / "json" / "test_parsing";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the third-party vectors are not beside this checkout: " << folder;
  int seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string name = file.path().filename().string();
    const Parsed parsed = parse(text);
    ++seen;
    if (name[0] == 'n') {
      EXPECT_FALSE(parsed) << name;
    }
    // Two keys of one name are valid JSON to those vectors, and refused here on purpose.
    if (name[0] == 'y' && name.find("duplicated_key") == std::string::npos) {
      EXPECT_TRUE(parsed) << name << ": " << parsed.error;
    }
    if (parsed) {
      const Parsed again = parse(parsed->text());
      EXPECT_TRUE(again && *again == *parsed) << name;
    }
  }
  EXPECT_GT(seen, 300);
}

TEST(PluginJson, KeepsMembersInOrder) {
  EXPECT_EQ(rewritten(R"( { "b" : 1, "a" : [ true , null ] } )"), R"({"b":1,"a":[true,null]})");
}

TEST(PluginJson, RefusesDuplicateKeysAndNamesTheLine) {
  EXPECT_EQ(rewritten("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}"), "line 3: duplicate key \"a\"");
}

TEST(PluginJson, FindsADuplicateAmongAHundredThousandKeysAtOnce) {
  std::string text = "{";
  for (int i = 0; i < 90000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(parse(text + "\"x\":0}"));
  EXPECT_FALSE(parse(text + "\"0\":0}"));
}

TEST(PluginJson, HoldsToItsLimits) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(64)));
  EXPECT_EQ(rewritten(nested(65)), "line 1: nested deeper than 64 levels");
  EXPECT_FALSE(parse(std::string(100000, '[')));
  EXPECT_TRUE(parse("\"" + std::string(kMaxBytes - 2, 'x') + "\""));
  EXPECT_EQ(rewritten("\"" + std::string(kMaxBytes - 1, 'x') + "\""), "line 1: larger than 1 MiB");
}

TEST(PluginJson, KeepsWholeNumbersWhole) {
  EXPECT_EQ(parse("9223372036854775807")->integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808")->integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("9223372036854775808")->kind(), Value::Kind::Real);
  EXPECT_FALSE(parse("1.0")->integer());
  EXPECT_FALSE(parse("1e3")->integer());
  EXPECT_EQ(parse("1e3")->number(), 1000.0);
  EXPECT_FALSE(parse("1e999"));
}

TEST(PluginJson, WritesTheShortestRealThatReadsBack) {
  EXPECT_EQ(Value(0.1).text(), "0.1");
  EXPECT_EQ(Value(3.0).text(), "3.0");
  EXPECT_EQ(rewritten("0.30000000000000004"), "0.30000000000000004");
  EXPECT_EQ(Value(std::numeric_limits<double>::infinity()).text(), "null");
}

TEST(PluginJson, DecodesEscapesAndRefusesHalfCharacters) {
  EXPECT_EQ(*parse("\"\\u00e9\\u20ac\\ud83d\\ude00\\n\"")->string(), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n");
  EXPECT_FALSE(parse("\"\\ud83d\""));
  EXPECT_FALSE(parse("\"\\ude00\""));
  EXPECT_FALSE(parse("\"\xC0\xAF\""));
  EXPECT_FALSE(parse("\"\xED\xA0\x80\""));
  EXPECT_FALSE(parse("\xEF\xBB\xBF{}"));
  EXPECT_FALSE(parse(std::string_view("[1]\0", 4)));
}

TEST(PluginJson, EscapesWhatJsonRequires) { EXPECT_EQ(Value("a\"\\\n\x01/").text(), R"("a\"\\\n\u0001/")"); }

TEST(PluginJson, TypedReadsOfAnotherTypeGiveNothing) {
  const Value text("1"), object = Value::object();
  EXPECT_FALSE(text.integer() || text.boolean() || text.items() || text.members() || text.find("a"));
  EXPECT_FALSE(object.string() || object.find("a"));
  EXPECT_TRUE(Value(true).boolean());
  EXPECT_FALSE(Value(true).integer());
}

TEST(PluginJson, SetReplacesInPlace) {
  Value value;
  value.set("a", 1).set("b", "x").set("a", Value::array().push(nullptr));
  EXPECT_EQ(value.text(), R"({"a":[null],"b":"x"})");
}

}  // namespace
}  // namespace tenon::json
