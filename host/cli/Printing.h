// Text for people: tables and sizes. What comes from others goes through escapeControls() first.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::host {

// "212 MB", "1.5 GB": decimal, as disks and networks are sold.
std::string formatBytes(std::uint64_t bytes);

// Columns as wide as their widest cell, two blanks between; the last one is not padded.
void printTable(std::ostream& out, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows);

}  // namespace tenon::host
