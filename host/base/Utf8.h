// UTF-8, strictly: no overlong forms, no surrogates, nothing past U+10FFFF. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::host {

// How many bytes the character at `at` has (1 to 4), or 0 where no valid one starts there. `at` < text.size().
std::size_t utf8Length(std::string_view text, std::size_t at);

bool isUtf8(std::string_view text);

// Of one valid character.
char32_t codePoint(std::string_view character);

// C0, DEL, and C1, which some terminals obey as well; and what breaks a line, hides or turns the direction of text.
bool changesALine(char32_t code);

// `code` is a Unicode scalar value.
void appendUtf8(char32_t code, std::string& out);

}  // namespace tenon::host
