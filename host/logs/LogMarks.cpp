#include "host/logs/LogMarks.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "host/base/Limits.h"

namespace tenon::host {

namespace {

constexpr std::string_view kStart = " start";

std::optional<LogMark> parseMark(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto time = parseTime(line.substr(0, space));
  if (!time) return std::nullopt;
  LogMark mark{*time};
  const std::string_view rest = line.substr(space + 1);
  const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), mark.offset);
  if (failed != std::errc()) return std::nullopt;
  const std::string_view tail = rest.substr(static_cast<std::size_t>(end - rest.data()));
  mark.start = tail == kStart;
  if (!mark.start && !tail.empty()) return std::nullopt;
  return mark;
}

std::string lineOf(const LogMark& mark) {
  return formatTime(mark.time) + " " + std::to_string(mark.offset) + (mark.start ? std::string(kStart) : "") + "\n";
}

// But every one of the newest starts.
std::vector<LogMark> everySecondOfTheOlderHalf(const std::vector<LogMark>& marks) {
  constexpr std::ptrdiff_t kStartsKept = 100;
  std::ptrdiff_t starts = std::count_if(marks.begin(), marks.end(), [](const LogMark& mark) { return mark.start; });
  std::vector<LogMark> kept;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const bool keepsStart = marks[i].start && starts-- <= kStartsKept;
    if (keepsStart || i >= marks.size() / 2 || i % 2 == 0) kept.push_back(marks[i]);
  }
  return kept;
}

}  // namespace

std::vector<LogMark> LogMarks::readAll() const {
  std::vector<LogMark> marks;
  const auto text = files_.readAll(file_, limits::kLogMarksBytes);
  if (!text) return marks;
  for (std::size_t from = 0, to = 0; (to = text->find('\n', from)) != std::string::npos; from = to + 1) {
    const auto mark = parseMark(std::string_view(*text).substr(from, to - from));
    if (!mark) continue;
    while (!marks.empty() && marks.back().offset > mark->offset) marks.pop_back();
    marks.push_back(*mark);
  }
  return marks;
}

std::vector<LogMark> LogMarks::read() const {
  const std::lock_guard lock(mutex_);
  return readAll();
}

Result<void> LogMarks::add(const LogMark& mark) {
  const std::lock_guard lock(mutex_);
  TENON_TRY(auto file, WriteFile::create(files_, 0, file_.text(), {.append = true}));
  return file.append(lineOf(mark));
}

Result<void> LogMarks::thin(std::uint64_t from) {
  const std::lock_guard lock(mutex_);
  const auto info = files_.inspect(file_);
  if (!info) return {};
  std::vector<LogMark> marks = readAll();
  // The last one before `from` still tells when that was.
  const auto first = std::find_if(marks.begin(), marks.end(), [&](const LogMark& mark) { return mark.offset >= from; });
  const bool older = first - marks.begin() > 1;
  const bool tooLong = info->size > limits::kLogMarksBytes / 2;
  if (!older && !tooLong) return {};
  if (older) marks.erase(marks.begin(), first - 1);
  if (tooLong) marks = everySecondOfTheOlderHalf(marks);
  std::string text;
  for (const LogMark& mark : marks) text += lineOf(mark);
  const Path temporary(file_.text() + ".new");
  TENON_CHECK(files_.removeFile(temporary));
  {
    TENON_TRY(auto file, WriteFile::create(files_, 0, temporary.text()));
    TENON_CHECK(file.append(text));
  }
  return files_.replace(temporary, file_);
}

std::uint64_t offsetAt(const std::vector<LogMark>& marks, WallTime time, std::uint64_t begin) {
  std::uint64_t offset = begin;
  for (const LogMark& mark : marks) {
    if (mark.time > time) break;
    offset = std::max(begin, mark.offset);
  }
  return offset;
}

std::optional<LogRange> previousRun(const std::vector<LogMark>& marks, std::uint64_t begin) {
  std::optional<std::uint64_t> last, before;
  for (const LogMark& mark : marks) {
    if (!mark.start) continue;
    before = last;
    last = mark.offset;
  }
  if (!last || *last <= begin) return std::nullopt;
  if (!before) return LogRange{begin, *last};
  return LogRange{std::max(*before, begin), *last};
}

}  // namespace tenon::host
