#include "platform/windows/process/CommandLine.h"

#include "platform/windows/Wide.h"

namespace tenon::platform {

namespace {

constexpr std::size_t kLineUnits = 32766;

// Backslashes mean themselves, except before a quote: there each counts double, and one more makes the quote a character.
void appendQuoted(const std::wstring& argument, std::wstring& line) {
  if (!argument.empty() && argument.find_first_of(L" \t\n\v\"") == std::wstring::npos) {
    line += argument;
    return;
  }
  line += L'"';
  std::size_t backslashes = 0;
  for (const wchar_t unit : argument) {
    if (unit == L'\\') {
      ++backslashes;
    } else {
      if (unit == L'"') line.append(backslashes + 1, L'\\');
      backslashes = 0;
    }
    line += unit;
  }
  line.append(backslashes, L'\\');  // those before the closing quote
  line += L'"';
}

}  // namespace

Outcome makeCommandLine(const std::wstring& program, const std::vector<std::string>& argv, std::wstring& line) {
  line = L"\"" + program + L"\"";
  for (std::size_t at = 1; at < argv.size(); ++at) {
    const auto wide = toWide(argv[at]);
    const std::string field = "argv[" + std::to_string(at) + "]";
    if (!wide) return invalid(field, field + ": no UTF-8");
    line += L' ';
    appendQuoted(*wide, line);
  }
  if (line.size() <= kLineUnits) return kDone;
  return Fault{TENON_INVALID, "argv: together longer than 32766 characters, the most that Windows takes", "limit-exceeded",
               "put them into a file that the program reads", "argv"};
}

bool isBatchFile(const std::wstring& program) {
  const auto dot = program.rfind(L'.');
  if (dot == std::wstring::npos) return false;
  const std::wstring_view extension = std::wstring_view(program).substr(dot);
  return compareNames(extension, L".bat") == 0 || compareNames(extension, L".cmd") == 0;
}

}  // namespace tenon::platform
