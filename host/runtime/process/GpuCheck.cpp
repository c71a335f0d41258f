#include "host/runtime/process/GpuCheck.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "host/base/Limits.h"
#include "host/runtime/supervision/Why.h"

namespace tenon::host {
namespace {

constexpr int kMostAsked = 5;
constexpr Millis kPause{1000};

}  // namespace

void GpuCheck::run(Launcher::GpuQuery query, Done done) {
  question_ = std::move(query);
  done_ = std::move(done);
  asked_ = 0;
  ask();
}

void GpuCheck::cancel() {
  if (!running()) return;
  pause_.cancel();
  query_.cancel();
  removeAnswer();
}

void GpuCheck::ask() {
  removeAnswer();  // of an agent that died
  ++asked_;
  query_.run(question_.request, limits::kGpuQueryDeadline, [this](const OneShot::Outcome& outcome) { heard(outcome); });
}

void GpuCheck::heard(const OneShot::Outcome& outcome) {
  auto judged = judge(outcome);
  removeAnswer();
  const bool again = !judged && judged.error().code() == ErrorCode::ResourceMissing && asked_ < kMostAsked;
  if (again) return pause_.start(kPause, [this] { ask(); });
  std::exchange(done_, nullptr)(std::move(judged));
}

Result<void> GpuCheck::judge(const OneShot::Outcome& outcome) const {
  if (outcome.notStarted) return Error(*outcome.notStarted).withContext("nvidia-smi");
  if (outcome.timedOut) {
    return Error(ErrorCode::SpawnFailed, "nvidia-smi has not answered after " + seconds(limits::kGpuQueryDeadline));
  }
  const auto text = tools_.files.readAll(question_.request.output, limits::kGpuAnswerBytes);
  const auto free = outcome.succeeded() && text ? freeGpuMegabytes(*text) : std::nullopt;
  if (free && *free >= question_.megabytes) return {};
  std::string what = "the service needs " + std::to_string(question_.megabytes) + " MB of a GPU's memory: ";
  if (free) {
    what += std::to_string(*free) + " MB are free";
  } else {
    const std::string said = lastLine(tools_.files, question_.request.output);
    what += "nvidia-smi tells of none" + (said.empty() ? "" : ", it says: " + said);
  }
  return Error(ErrorCode::ResourceMissing, std::move(what))
      .withHint("see what uses it: nvidia-smi; tenon stop SERVICE gives back what that one has")
      .withField("resources.gpu_memory_mb");
}

void GpuCheck::removeAnswer() {
  if (auto removed = tools_.files.removeFile(question_.request.output); !removed)
    tools_.log.warning(removed.error().message());
}

// Warnings may stand between the answers.
std::optional<std::uint64_t> freeGpuMegabytes(std::string_view told) {
  std::optional<std::uint64_t> most;
  while (!told.empty()) {
    const auto end = std::min(told.find('\n'), told.size());
    std::string_view line = told.substr(0, end);
    told.remove_prefix(std::min(end + 1, told.size()));
    while (line.starts_with(' ')) line.remove_prefix(1);
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    std::uint64_t megabytes = 0;
    const auto [stop, failed] = std::from_chars(line.data(), line.data() + line.size(), megabytes);
    if (failed == std::errc() && stop == line.data() + line.size()) most = std::max(most.value_or(0), megabytes);
  }
  return most;
}

}  // namespace tenon::host
