#include "host/cli/Printing.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ostream>

#include "host/base/Log.h"
#include "host/cli/Cli.h"

namespace tenon::host {

namespace {

// Columns that the text takes: code points, which is right for the names and words that tables hold.
std::size_t widthOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void printRow(std::ostream& out, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out << cells[i];
    if (i + 1 < cells.size()) out << std::string(widths[i] - widthOf(cells[i]) + 2, ' ');
  }
  out << '\n';
}

}  // namespace

std::string formatBytes(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) value /= 1000, ++unit;
  char text[32];
  std::snprintf(text, sizeof text, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

void printTable(std::ostream& out, const std::vector<std::string>& heads,
                const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& head : heads) widths.push_back(widthOf(head));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], widthOf(row[i]));
  }
  printRow(out, heads, widths);
  for (const auto& row : rows) printRow(out, row, widths);
}

std::string cell(const Json& row, std::string_view key) {
  const auto value = row.find(key);
  if (!value || value->kind() == Json::Kind::Null) return "";
  if (value->isString()) return escapeControls(value->string().value_or(""));
  if (value->isArray()) {
    std::string joined;
    for (const auto& item : value->strings().value_or(std::vector<std::string>{}))
      joined += (joined.empty() ? "" : " ") + item;
    return escapeControls(joined);
  }
  const std::string text = value->text();
  return text == "0" && key != "restarts" ? "-" : text;
}

Result<void> printRows(Cli& cli, const Json& answer, std::string_view list, const std::vector<std::string>& keys) {
  TENON_TRY(const auto rows, answer.member(list));
  TENON_TRY(const auto items, rows.array());
  if (cli.format == OutputFormat::Json) return cli.out << answer.text() << '\n', Result<void>{};
  if (cli.format == OutputFormat::JsonLines) {
    for (const auto& item : items) cli.out << item.text() << '\n';
    return {};
  }
  std::vector<std::string> heads;
  for (std::string head : keys) {
    for (char& c : head) c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    heads.push_back(head);
  }
  std::vector<std::vector<std::string>> cells;
  for (const auto& item : items) {
    cells.emplace_back();
    for (const auto& key : keys) cells.back().push_back(cell(item, key));
  }
  printTable(cli.out, heads, cells);
  return {};
}

}  // namespace tenon::host
