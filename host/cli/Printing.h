// Text for people: tables and sizes. What comes from others goes through escapeControls() first.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/Json.h"

namespace tenon::host {

class Cli;

// "212 MB", "1.5 GB": decimal, as disks and networks are sold.
std::string formatBytes(std::uint64_t bytes);

// Columns as wide as their widest cell, two blanks between; the last one is not padded.
void printTable(std::ostream& out, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows);

// A member of a row as a table shows it.
std::string cell(const Json& row, std::string_view key);
// The objects of the answer's member `list` in the format that was asked for; as a table, these members of each.
Result<void> printRows(Cli& cli, const Json& answer, std::string_view list, const std::vector<std::string>& keys);

}  // namespace tenon::host
