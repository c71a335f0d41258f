// Text for people: tables, sizes, and nothing that a terminal would act on.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::host {

// Control characters (escape sequences too) become "\x1b"-like text; UTF-8 stays.
std::string printable(std::string_view text);

// "212 MB", "1.5 GB": decimal, as disks and networks are sold.
std::string formatBytes(std::uint64_t bytes);

// Columns as wide as their widest cell, two blanks between; the last one is not padded.
void printTable(std::ostream& out, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows);

}  // namespace tenon::host
