#include "host/base/Utf8.h"

#include <gtest/gtest.h>

namespace tenon::host {
namespace {

TEST(Utf8, AcceptsTheEdgesOfEveryLength) {
  for (const std::string_view text :
       {std::string_view("\0", 1), std::string_view("\x7F"), std::string_view("\xC2\x80"), std::string_view("\xDF\xBF"),
        std::string_view("\xE0\xA0\x80"), std::string_view("\xED\x9F\xBF"), std::string_view("\xEE\x80\x80"),
        std::string_view("\xEF\xBF\xBF"), std::string_view("\xF0\x90\x80\x80"), std::string_view("\xF4\x8F\xBF\xBF")}) {
    EXPECT_EQ(utf8Length(text, 0), text.size());
    EXPECT_TRUE(isUtf8(text));
  }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndWhatLiesPastTheEnd) {
  for (const char* text : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_EQ(utf8Length(text, 0), 0U);
    EXPECT_FALSE(isUtf8(text));
  }
}

TEST(Utf8, RefusesWhatIsCutShort) {
  for (const std::string_view whole : {"\xC2\x80", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    for (std::size_t kept = 1; kept < whole.size(); ++kept) {
      EXPECT_FALSE(isUtf8(whole.substr(0, kept)));
      EXPECT_FALSE(isUtf8(std::string(whole.substr(0, kept)) + "a"));
    }
  }
}

TEST(Utf8, WritesWhatItReads) {
  for (const char32_t code :
       {U'\0', U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
    std::string text;
    appendUtf8(code, text);
    EXPECT_TRUE(isUtf8(text));
    EXPECT_EQ(utf8Length(text, 0), text.size());
  }
  std::string text;
  appendUtf8(U'\U0001F600', text);
  EXPECT_EQ(text, "\xF0\x9F\x98\x80");
}

}  // namespace
}  // namespace tenon::host
