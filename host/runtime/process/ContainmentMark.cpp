#include "host/runtime/process/ContainmentMark.h"

#include <algorithm>
#include <random>
#include <string_view>
#include <utility>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"

namespace tenon::host {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::string_view kHex = "0123456789abcdef";

std::string newMark() {
  std::random_device random;
  std::string mark(kDigits, '0');
  std::generate(mark.begin(), mark.end(), [&] { return kHex[random() % kHex.size()]; });
  return mark;
}

bool isMark(std::string_view text) {
  return text.size() == kDigits && text.find_first_not_of(kHex) == std::string_view::npos;
}

}  // namespace

ContainmentMark::ContainmentMark(Files& files, Log& log, Path file)
    : files_(files), log_(log), file_(std::move(file)), text_(newMark()) {}

void ContainmentMark::begin(Processes& processes) {
  if (auto begun = tryBegin(processes); !begun) {
    log_.error("what an agent before this one started and nobody has taken up may run on: " + begun.error().message());
  }
}

Result<void> ContainmentMark::tryBegin(Processes& processes) {
  std::string fresh = text_;
  TENON_TRY(const std::string last, readLast());
  if (!last.empty()) {
    text_ = last;
    TENON_CHECK(processes.killUnknown(last + "."));
  }
  TENON_CHECK(write(fresh));
  text_ = std::move(fresh);
  return {};
}

// Empty: none, or one that a power cut has torn, after which nothing runs.
Result<std::string> ContainmentMark::readLast() {
  if (!files_.exists(file_)) return std::string();
  TENON_TRY(std::string text, files_.readAll(file_, limits::kServiceJsonBytes));
  return isMark(text) ? std::move(text) : std::string();
}

// Not synced: like the records, it only has to outlive the agent.
Result<void> ContainmentMark::write(const std::string& mark) {
  TENON_CHECK(files_.makeFolders(file_.parent()));
  return replaceAtomically(files_, file_, mark, true);
}

}  // namespace tenon::host
