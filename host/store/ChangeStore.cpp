#include "host/store/ChangeStore.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/adapter/AtomicFile.h"

namespace tenon::host {
namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kEvidenceSuffix = ".evidence";

// "17" → 17. Nothing for what next() would not have made.
std::optional<std::uint64_t> numberOf(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (number == 0 || std::to_string(number) != digits) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> numberOf(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  return numberOf(name.substr(0, name.size() - suffix.size()));
}

// Ascending; none where the folder is missing.
Result<std::vector<std::uint64_t>> numbersIn(Files& files, const Path& folder) {
  std::vector<std::uint64_t> numbers;
  const auto entries = files.list(folder);
  if (!entries && entries.error().code() != ErrorCode::NotFound) return entries.error();
  for (const auto& entry : entries.value_or(std::vector<FolderEntry>())) {
    if (const auto number = numberOf(entry.name, kSuffix); number && entry.kind == FileKind::File)
      numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

Result<void> ChangeStore::open() {
  TENON_CHECK(files_.makeFolders(layout_.changes()));
  TENON_CHECK(removeTemporaries(files_, layout_.changes()));
  TENON_TRY(const auto numbers, numbersIn(files_, layout_.changes()));
  TENON_TRY(const auto entries, files_.list(layout_.changes()));
  std::uint64_t last = numbers.empty() ? 0 : numbers.back();
  // Evidence whose change was never written still uses up its number.
  for (const auto& entry : entries) {
    const auto number = numberOf(entry.name, kEvidenceSuffix);
    if (!number) continue;
    last = std::max(last, *number);
    TENON_CHECK(removeTemporaries(files_, layout_.changes() / entry.name));
  }
  {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, last);
  }
  for (const auto number : numbers) {
    auto change = read(number);
    // One that cannot be read stays as it is, for people to look at; it blocks nothing.
    if (!change || change->ended()) continue;
    change->state = Change::State::Failed;
    change->error = Error(ErrorCode::Cancelled, "the agent ended while this was running")
                        .withHint("what the change had begun was finished or undone when the agent came back");
    for (auto& step : change->steps) {
      if (step.state == ChangeStep::State::Running) step.state = ChangeStep::State::Failed;
    }
    TENON_CHECK(save(*change));
  }
  return last > limits::kChangesKept ? forgetBefore(last - limits::kChangesKept + 1) : Result<void>();
}

Result<void> ChangeStore::forgetBefore(std::uint64_t number) {
  TENON_TRY(const auto entries, files_.list(layout_.changes()));
  for (const auto& entry : entries) {
    if (const auto change = numberOf(entry.name, kSuffix); change && *change < number) {
      TENON_CHECK(files_.removeFile(layout_.changes() / entry.name));
    } else if (const auto evidence = numberOf(entry.name, kEvidenceSuffix); evidence && *evidence < number) {
      TENON_CHECK(files_.removeTree(layout_.changes() / entry.name));
    }
  }
  return {};
}

std::uint64_t ChangeStore::next() {
  const std::lock_guard lock(mutex_);
  return ++last_;
}

Result<void> ChangeStore::save(const Change& change) {
  TENON_CHECK(files_.makeFolders(layout_.changes()));
  return writeAtomically(files_, layout_.change(change.number), change.toJson().pretty());
}

Result<Change> ChangeStore::read(std::uint64_t number) const {
  const auto doing = "change " + std::to_string(number);
  auto text = files_.readAll(layout_.change(number), limits::kJsonBytes);
  if (!text && text.error().code() == ErrorCode::NotFound) {
    return Error(ErrorCode::NotFound, "there is no " + doing).withHint("see the latest with: tenon changes");
  }
  if (!text) return std::move(text).error().withContext(doing);
  auto change = Change::parse(*text);
  if (!change) return Error(ErrorCode::StateCorrupt, doing + ": " + change.error().message());
  return change;
}

Result<std::vector<Change>> ChangeStore::latest(std::size_t most) const {
  TENON_TRY(auto numbers, numbersIn(files_, layout_.changes()));
  std::reverse(numbers.begin(), numbers.end());
  std::vector<Change> changes;
  for (const auto number : numbers) {
    if (changes.size() == most) break;
    if (auto change = read(number)) changes.push_back(*std::move(change));
  }
  return changes;
}

}  // namespace tenon::host
