#include "host/base/Json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "host/base/Utf8.h"

namespace tenon::host {
namespace {

using testing::ElementsAre;

Json parsed(std::string_view text) {
  auto json = Json::parse(text);
  if (!json) throw std::runtime_error(json.error().message());
  return *std::move(json);
}

std::string refusal(std::string_view text) {
  const auto json = Json::parse(text);
  return json ? "it was read" : json.error().message();
}

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kMost = std::numeric_limits<std::int64_t>::max();

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = parsed(R"({"n": null, "b": true, "i": -7, "r": 2.5, "s": "x", "a": [1, 2], "o": {}})");
  EXPECT_EQ(json.find("n")->kind(), Json::Kind::Null);
  EXPECT_EQ(json.find("b")->boolean().value(), true);
  EXPECT_EQ(json.find("i")->integer(-10, 10).value(), -7);
  EXPECT_EQ(json.find("r")->number().value(), 2.5);
  EXPECT_EQ(json.find("s")->string().value(), "x");
  EXPECT_EQ(json.find("a")->array()->size(), 2U);
  EXPECT_TRUE(json.find("o")->isObject());
  EXPECT_EQ(json.find("absent"), std::nullopt);
}

TEST(Json, ReadsScalarsAtTheTop) {
  EXPECT_EQ(parsed(" \"x\" ").string().value(), "x");
  EXPECT_EQ(parsed("0").integer(0, 0).value(), 0);
  EXPECT_EQ(parsed("null").kind(), Json::Kind::Null);
  EXPECT_EQ(parsed("false\n").boolean().value(), false);
  EXPECT_EQ(parsed("[]").array()->size(), 0U);
}

TEST(Json, WrapperAroundTheDocumentCannotBeClosedFromWithin) {
  EXPECT_EQ(refusal("1],[2"), "line 1, column 2: expected the end, found ']'");
  EXPECT_EQ(refusal("1,2"), "line 1, column 2: expected the end, found ','");
  EXPECT_EQ(refusal(""), "line 1, column 1: expected a value, found the end");
  EXPECT_EQ(refusal(" \n "), "line 2, column 2: expected a value, found the end");
}

TEST(Json, IntegerIsALiteralWithoutFractionOrExponentThatFits64Bits) {
  const auto kindOf = [](const char* text) { return parsed(text).kind(); };
  for (const char* text : {"0", "-0", "7", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(kindOf(text), Json::Kind::Integer) << text;
  }
  for (const char* text : {"1.0", "1e3", "1E3", "1e0", "-0.0", "9223372036854775808", "-9223372036854775809",
                           "18446744073709551615", "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_EQ(kindOf(text), Json::Kind::Real) << text;
  }
  EXPECT_EQ(parsed("9223372036854775807").integer(kLeast, kMost).value(), kMost);
  EXPECT_EQ(parsed("-9223372036854775808").integer(kLeast, kMost).value(), kLeast);
  EXPECT_EQ(parsed("-0").integer(0, 0).value(), 0);
}

TEST(Json, IntegerPastItsRangeIsAnErrorThatNamesTheRange) {
  EXPECT_EQ(parsed("0").integer(1, 65535).error().message(), "the document (line 1): must be from 1 to 65535, found 0");
  EXPECT_EQ(parsed("18446744073709551616").integer(1, 65535).error().message(),
            "the document (line 1): must be from 1 to 65535, found a number that does not fit 64 bits");
  EXPECT_EQ(parsed("1.0").integer(1, 65535).error().message(),
            "the document (line 1): expected an integer, found a number with a fraction or exponent");
  EXPECT_EQ(parsed("\"1\"").integer(1, 65535).error().message(),
            "the document (line 1): expected an integer, found a string");
}

TEST(Json, NumberKeepsItsValue) {
  EXPECT_EQ(parsed("0.1").number().value(), 0.1);
  EXPECT_EQ(parsed("-1.7976931348623157e308").number().value(), -std::numeric_limits<double>::max());
  EXPECT_EQ(parsed("5e-324").number().value(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parsed("1e-400").number().value(), 0.0);
  EXPECT_EQ(parsed("18446744073709551616").number().value(), 18446744073709551616.0);
  EXPECT_EQ(parsed("3").number().value(), 3.0);
}

TEST(Json, StringsComeThroughUnchanged) {
  EXPECT_EQ(parsed(R"("\u0000a\u0000")").string().value(), std::string("\0a\0", 3));
  EXPECT_EQ(parsed(R"("\b\f\n\r\t\/\\\"\u001f\u007f")").string().value(), "\b\f\n\r\t/\\\"\x1f\x7f");
  EXPECT_EQ(parsed("\"\xF0\x9F\x98\x80\"").string().value(), "😀");
  EXPECT_EQ(parsed(R"("\uD83D\uDE00\uFFFF\udbff\udfff")").string().value(), "😀\xEF\xBF\xBF\xF4\x8F\xBF\xBF");
  EXPECT_EQ(parsed("\"\x7F\xC2\x80\"").string().value(), "\x7F\xC2\x80");
  EXPECT_EQ(parsed("\"\"").string().value(), "");
  const std::string path = R"(C:\models\nmt)";
  EXPECT_EQ(parsed(R"("C:\\models\\nmt")").string().value(), path);
}

// Poco cuts keys at \u0000.
TEST(Json, KeysComeThroughUnchanged) {
  const Json json = parsed(R"({"a\u0000b": 1, "\u006e\u0061me": 2, "": 3, "😀\n": 4})");
  EXPECT_EQ(json.find(std::string_view("a\0b", 3))->integer(1, 1).value(), 1);
  EXPECT_EQ(json.find("name")->integer(2, 2).value(), 2);
  EXPECT_EQ(json.find("")->integer(3, 3).value(), 3);
  EXPECT_EQ(json.find("😀\n")->integer(4, 4).value(), 4);
  EXPECT_EQ(json.find("a"), std::nullopt);
}

// A character in one of the forms that JSON has for it.
void appendEncoded(char32_t code, bool escape, std::string& out) {
  const auto unit = [&out](unsigned value) {
    char text[16];
    std::snprintf(text, sizeof text, "\\u%04x", value);
    out += text;
  };
  if (!escape && code >= 0x20 && code != '"' && code != '\\') {
    appendUtf8(code, out);
  } else if (code < 0x10000) {
    unit(static_cast<unsigned>(code));
  } else {
    unit(static_cast<unsigned>(0xD800 + ((code - 0x10000) >> 10)));
    unit(static_cast<unsigned>(0xDC00 + ((code - 0x10000) & 0x3FF)));
  }
}

TEST(Json, RandomTextOfAllOfUnicodeComesThroughUnchanged) {
  std::mt19937 random(20261124);  // NOLINT: the same texts in every run
  const auto below = [&random](std::uint32_t most) { return static_cast<std::uint32_t>(random() % most); };
  for (int round = 0; round < 300; ++round) {
    std::string plain, encoded = "[\"";
    for (std::uint32_t left = below(60); left > 0; --left) {
      const char32_t code = below(below(2) == 0 ? 0x80 : below(2) == 0 ? 0x10000 : 0x110000);
      if (code >= 0xD800 && code <= 0xDFFF) continue;
      appendUtf8(code, plain);
      appendEncoded(code, below(2) == 0, encoded);
    }
    encoded += "\"]";
    ASSERT_THAT(parsed(encoded).strings().value(), ElementsAre(plain)) << encoded;
    const Json again = parsed(JsonArray().add(plain).text());
    ASSERT_THAT(again.strings().value(), ElementsAre(plain)) << encoded;
  }
}

TEST(Json, EveryValueKnowsItsPathAndLine) {
  const Json json =
      parsed("{\n  \"platforms\": {\n    \"linux-x64\": {\n      \"exec\": {\"args\": [\n        \"-m\",\n 7]}}}}");
  const Json args = *json.find("platforms")->find("linux-x64")->find("exec")->find("args");
  EXPECT_EQ(json.path(), "");
  EXPECT_EQ(json.line(), 1);
  EXPECT_EQ(args.path(), "platforms.linux-x64.exec.args");
  EXPECT_EQ(args.line(), 4);
  const auto items = args.array().value();
  EXPECT_EQ(items[1].path(), "platforms.linux-x64.exec.args[1]");
  EXPECT_EQ(items[1].line(), 6);
  const auto texts = args.strings();
  ASSERT_FALSE(texts);
  EXPECT_EQ(texts.error().message(), "platforms.linux-x64.exec.args[1] (line 6): expected a string, found a number");
  EXPECT_EQ(texts.error().field(), "platforms.linux-x64.exec.args[1]");
}

TEST(Json, EveryValueKnowsItsColumnInCharacters) {
  const Json json = parsed("{\"é\": 1, \"b\":\n\t[\"模型\", {\"c\": true}],\r\n \"d\": 1.5}");
  EXPECT_EQ(json.place(), (TextPlace{1, 1}));
  EXPECT_EQ(json.find("é")->place(), (TextPlace{1, 7}));
  const auto items = json.find("b")->array().value();
  EXPECT_EQ(json.find("b")->place(), (TextPlace{2, 2}));
  EXPECT_EQ(items[0].place(), (TextPlace{2, 3}));
  EXPECT_EQ(items[1].find("c")->place(), (TextPlace{2, 15}));
  EXPECT_EQ(json.find("d")->place(), (TextPlace{3, 7}));
  EXPECT_EQ(items[0].wrong("no").place(), (TextPlace{2, 3}));
  EXPECT_EQ(Json::parse("{\n \"é\": x}").error().place(), (TextPlace{2, 7}));
}

TEST(Json, FindsAValueByItsPathOrTheInnermostOnTheWay) {
  const Json json = parsed(R"({"a": {"b": [1, {"c": 2}]}, "ab": 3, "1.3.0": {"d": 4}})");
  for (const char* path : {"", "a", "a.b", "a.b[0]", "a.b[1].c", "ab", "[\"1.3.0\"].d"}) {
    EXPECT_EQ(json.innermost(path).path(), path);
  }
  EXPECT_EQ(json.innermost("a.b[1].missing").path(), "a.b[1]");
  EXPECT_EQ(json.innermost("a.b[12]").path(), "a.b");
  EXPECT_EQ(json.innermost("abc.d").path(), "");
}

TEST(Json, KeysThatWouldMakeAPathUnclearStandInBrackets) {
  const Json json = parsed(R"({"1.3.0": {"x y": {"line\nbreak": 1}}, "": 2})");
  EXPECT_EQ(json.find("1.3.0")->find("x y")->find("line\nbreak")->path(), R"(["1.3.0"]["x y"]["line\nbreak"])");
  EXPECT_EQ(json.find("")->path(), R"([""])");
}

TEST(Json, ShowsNoCharacterInAMessageThatChangesTheLine) {
  const auto keyed = [](const std::string& key) { return refusal("{\"" + key + "\": 1, \"" + key + "\": 2}"); };
  EXPECT_EQ(keyed("\x7f"), "line 1, column 10: the key \"\\u007f\" stands here twice");
  EXPECT_EQ(keyed("\xC2\x9B"), "line 1, column 10: the key \"\\u009b\" stands here twice");
  EXPECT_EQ(keyed("\xE2\x80\xAE"), "line 1, column 10: the key \"\\u202e\" stands here twice");
  const auto json = parsed("{\"a\x7f\xC2\x85\": {\"\xC3\xA9\xE2\x81\xA6\": 1}}");
  EXPECT_EQ(json.find("a\x7f\xC2\x85")->find("\xC3\xA9\xE2\x81\xA6")->path(), "[\"a\\u007f\\u0085\"][\"\xC3\xA9\\u2066\"]");
}

TEST(Json, ErrorOfGrammarSaysLineColumnAndPath) {
  EXPECT_EQ(refusal("{\n  \"名\": 1,\n  \"模型\": tru\n}"), "line 3, column 9: expected a value, found 't'");
  EXPECT_EQ(Json::parse("{\"a\": [1, {\"b\": x}]}").error().field(), "a[1].b");
  EXPECT_EQ(refusal("{\"a\":1,}"), "line 1, column 8: expected a key in quotes, found '}'");
  EXPECT_EQ(refusal("[1 2]"), "line 1, column 4: expected ',' or ']', found '2'");
  EXPECT_EQ(refusal("{\"a\" 1}"), "line 1, column 6: expected ':', found '1'");
  EXPECT_EQ(refusal("{\"a\":1"), "line 1, column 7: expected ',' or '}', found the end");
  EXPECT_EQ(refusal("[01]"), "line 1, column 3: a number has no leading zero");
  EXPECT_EQ(refusal("[1.]"), "line 1, column 4: expected a digit, found ']'");
  EXPECT_EQ(refusal("[\"a\nb\"]"), "line 1, column 4: a control character in a string must be escaped, found byte 0x0a");
  EXPECT_EQ(refusal("[\"abc"), "line 1, column 6: the text ends within a string");
  EXPECT_EQ(refusal(R"(["\x"])"), "line 1, column 4: expected one of \"\\/bfnrtu after a backslash, found 'x'");
  EXPECT_EQ(refusal(R"(["\u12g4"])"), "line 1, column 7: expected four hexadecimal digits after \\u, found 'g'");
  EXPECT_EQ(refusal("[1] // end"), "line 1, column 5: expected the end, found '/'");
  EXPECT_EQ(refusal(std::string_view("[1]\0", 4)), "line 1, column 4: expected the end, found byte 0x00");
}

TEST(Json, MessageAboutALongKeyStaysShortAndOnOneLine) {
  const std::string key = "\\n" + std::string(5000, 'k');
  const std::string message = refusal("{\"" + key + "\":1,\"" + key + "\":2}");
  EXPECT_LT(message.size(), 200U);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(Json, MembersKeepTheOrderOfTheDocument) {
  const Json json = parsed(R"({"z": 1, "a": 2, "m": 3})");
  std::vector<std::string> keys;
  const auto members = json.members().value();
  for (const auto& [key, value] : members) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("z", "a", "m"));
  EXPECT_EQ(json.text(), R"({"z":1,"a":2,"m":3})");
  EXPECT_EQ(parsed("[1]").members().error().message(), "the document (line 1): expected an object, found an array");
}

TEST(Json, MissingMemberIsAnErrorThatNamesIt) {
  const Json json = parsed("{\"exec\":\n{}}");
  EXPECT_TRUE(json.member("exec"));
  const auto missing = json.find("exec")->member("entry");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::FormatInvalid);
  EXPECT_EQ(missing.error().message(), "exec (line 2): \"entry\" is missing");
  EXPECT_EQ(missing.error().field(), "exec.entry");
  EXPECT_EQ(parsed("7").member("x").error().message(), "the document (line 1): expected an object, found a number");
}

TEST(Json, DefaultsStandForWhatIsAbsentButNotForWhatIsWrong) {
  const Json json = parsed(R"({"s": "x", "i": 5, "b": true, "l": ["a"], "null": null})");
  EXPECT_EQ(json.stringOr("s", "y").value(), "x");
  EXPECT_EQ(json.stringOr("absent", "y").value(), "y");
  EXPECT_EQ(json.integerOr("i", 1, 0, 9).value(), 5);
  EXPECT_EQ(json.integerOr("absent", 1, 0, 9).value(), 1);
  EXPECT_EQ(json.booleanOr("b", false).value(), true);
  EXPECT_EQ(json.booleanOr("absent", false).value(), false);
  EXPECT_THAT(json.stringsOr("l", {}).value(), ElementsAre("a"));
  EXPECT_THAT(json.stringsOr("absent", {"d"}).value(), ElementsAre("d"));
  EXPECT_FALSE(json.stringOr("i", "y"));
  EXPECT_FALSE(json.stringOr("null", "y"));
  EXPECT_FALSE(json.integerOr("i", 1, 6, 9));
  EXPECT_FALSE(json.booleanOr("s", false));
  EXPECT_FALSE(json.stringsOr("s", {}));
  EXPECT_FALSE(json.find("l")->stringOr("s", "y")) << "an array has no members that could be absent";
}

TEST(Json, ValueOutlivesTheDocumentItCameFrom) {
  std::optional<Json> inner;
  {
    std::string text = R"({"a": {"b": ["deep"]}})";
    inner = parsed(text).find("a")->find("b");
    text.assign(text.size(), 'x');
  }
  EXPECT_THAT(inner->strings().value(), ElementsAre("deep"));
}

TEST(Json, TextKeepsNumbersAsTheyWereWritten) {
  constexpr const char* kText = R"([1,-7,1.0,1e3,0.10,18446744073709551616,-0.0,true,null,"a\u0000é/\"",{"k":[]}])";
  EXPECT_EQ(parsed(kText).text(), kText);
  EXPECT_EQ(parsed(" { \"a\" : [ ] , \"b\" : { } } ").text(), R"({"a":[],"b":{}})");
}

TEST(Json, ReadsAListOfTenThousandReleases) {
  std::string text = "{\"releases\":[";
  for (int i = 0; i < 10'000; ++i) {
    if (i > 0) text += ",\n";
    text += R"({"service_id":"svc-)" + std::to_string(i) + R"(","version":"1.2.)" + std::to_string(i) +
            R"(","platform":"linux-x64","sha256":")" + std::string(64, 'a') +
            R"(","size_bytes":4294967296,"url":"/services/svc-)" + std::to_string(i) +
            R"(/1.2.3/linux-x64.zip","title":"Übersetzung \u00e4\u00f6\u00fc )" + std::string(200, 't') +
            R"(","tags":["nmt","zh","en"],"requires":{"memory_mb":2048,"gpu":false}})";
  }
  text += "]}";
  ASSERT_GT(text.size(), 4U << 20U);
  const auto releases = parsed(text).find("releases")->array().value();
  ASSERT_EQ(releases.size(), 10'000U);
  EXPECT_EQ(releases[9'999].line(), 10'000);
  EXPECT_EQ(releases[9'999].find("service_id")->string().value(), "svc-9999");
  EXPECT_EQ(releases[5'000].find("size_bytes")->integer(0, kMost).value(), 4294967296);
}

}  // namespace
}  // namespace tenon::host
