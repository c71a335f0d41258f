#include <gtest/gtest.h>

#include <limits>

#include "host/base/Json.h"

namespace tenon::host {
namespace {

TEST(JsonObject, WritesEveryKindInTheOrderOfSetting) {
  JsonObject object;
  object.set("s", "x")
      .set("i", std::int64_t{-1})
      .set("u", std::numeric_limits<std::uint64_t>::max())
      .set("n", 7)
      .set("b", true);
  object.set("t", std::string("y"))
      .set("o", JsonObject().set("k", false))
      .set("a", JsonArray().add("v").add(1))
      .setNull("z");
  object.set("l", std::vector<std::string>{"p", "q"});
  EXPECT_EQ(object.text(), R"({"s":"x","i":-1,"u":18446744073709551615,"n":7,"b":true,"t":"y","o":{"k":false},)"
                           R"("a":["v",1],"z":null,"l":["p","q"]})");
}

TEST(JsonObject, TextOfACharacterPointerIsNoBoolean) {
  const char* text = "true";
  EXPECT_EQ(JsonObject().set("k", text).text(), R"({"k":"true"})");
  EXPECT_EQ(JsonArray().add(text).text(), R"(["true"])");
}

TEST(JsonObject, SettingAKeyAgainReplacesItsValueInPlace) {
  EXPECT_EQ(JsonObject().set("a", 1).set("b", 2).set("a", "x").text(), R"({"a":"x","b":2})");
}

TEST(JsonObject, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(JsonObject().set("k", "\"\\/\b\f\n\r\t\x01\x1f\x7f").text(),
            "{\"k\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"}");
  EXPECT_EQ(JsonObject().set("k", std::string_view("\0", 1)).text(), R"({"k":"\u0000"})");
  EXPECT_EQ(JsonObject().set("名\n", "模型 😀").text(), R"({"名\n":"模型 😀"})");
}

TEST(JsonObject, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  const std::string text = JsonObject().set("k", "a\xFFz\xED\xA0\x80").text();
  EXPECT_EQ(text, "{\"k\":\"a\uFFFDz\uFFFD\uFFFD\uFFFD\"}");
  EXPECT_TRUE(Json::parse(text));
}

TEST(JsonObject, TakesValuesThatWereRead) {
  const auto json = Json::parse(R"({"big": 18446744073709551616, "list": [1, "é"]})");
  ASSERT_TRUE(json);
  JsonObject object;
  object.set("all", *json).set("list", *json->find("list"));
  EXPECT_EQ(object.text(), R"({"all":{"big":18446744073709551616,"list":[1,"é"]},"list":[1,"é"]})");
  EXPECT_EQ(JsonArray().add(*json->find("big")).text(), "[18446744073709551616]");
}

TEST(JsonObject, EmptyOnesSaySo) {
  EXPECT_TRUE(JsonObject().empty());
  EXPECT_TRUE(JsonArray().empty());
  EXPECT_FALSE(JsonObject().setNull("k").empty());
  EXPECT_EQ(JsonObject().text(), "{}");
  EXPECT_EQ(JsonArray().text(), "[]");
  EXPECT_EQ(JsonObject().pretty(), "{}\n");
}

TEST(JsonObject, PrettyHasTwoSpacesALevelAndLeavesStringsAlone) {
  JsonObject object;
  object.set("a,b", "{x: [1,\"2\"]}\\").set("empty", JsonArray()).set("none", JsonObject());
  object.set("list", JsonArray().add(1).add(JsonObject().set("k", "v")));
  EXPECT_EQ(object.pretty(),
            "{\n"
            "  \"a,b\": \"{x: [1,\\\"2\\\"]}\\\\\",\n"
            "  \"empty\": [],\n"
            "  \"none\": {},\n"
            "  \"list\": [\n"
            "    1,\n"
            "    {\n"
            "      \"k\": \"v\"\n"
            "    }\n"
            "  ]\n"
            "}\n");
  EXPECT_EQ(Json::parse(object.pretty())->text(), object.text());
}

TEST(JsonArray, WritesEveryKind) {
  JsonArray array;
  array.add("s").add(std::string("t")).add(std::int64_t{-5}).add(std::uint64_t{6}).add(0).add(true).add(JsonObject());
  array.add(JsonArray().add(JsonArray()));
  EXPECT_EQ(array.text(), R"(["s","t",-5,6,0,true,{},[[]]])");
}

}  // namespace
}  // namespace tenon::host
