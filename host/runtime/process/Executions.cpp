#include "host/runtime/process/Executions.h"

#include <utility>

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

constexpr Millis kLongest = std::chrono::hours{24};

}  // namespace

Executions::Executions(SupervisionTools& tools, Path folder) : tools_(tools), folder_(std::move(folder)) {
  if (auto removed = tools_.files.removeTree(folder_); !removed) tools_.log.warning(removed.error().message());
}

Result<std::uint64_t> Executions::begin(SpawnRequest request) {
  if (entries_.size() >= kMost) {
    return Error(ErrorCode::Busy, std::to_string(kMost) + " programs run in services' places already")
        .withHint("try again when one has ended");
  }
  TENON_CHECK(tools_.files.makePrivateFolders(folder_));
  const std::uint64_t number = ++last_;
  auto& entry = entries_[number] = std::make_unique<Entry>(tools_);
  entry->state.output = request.output = folder_ / (std::to_string(number) + ".log");
  if (request.isolation.files) request.isolation.files->write.push_back(request.output);
  wait(number, *entry);
  entry->program.run(request, kLongest, [&state = entry->state](const OneShot::Outcome& outcome) {
    state.running = false;
    state.notStarted = outcome.notStarted;
    if (outcome.timedOut) state.notStarted = Error(ErrorCode::Timeout, "it ran for a day, and was killed");
    state.end = outcome.end;
  });
  if (auto fault = entry->state.notStarted) {
    end(number);
    return *std::move(fault);
  }
  return number;
}

void Executions::wait(std::uint64_t number, Entry& entry) {
  entry.patience.start(kPatience, [this, number] { end(number); });
}

Result<Execution> Executions::ask(std::uint64_t number) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) {
    return Error(ErrorCode::NotFound, "no program runs under number " + std::to_string(number))
        .withHint("one that is not asked about for 10 s is ended");
  }
  Entry& entry = *found->second;
  wait(number, entry);
  const auto written = tools_.files.inspect(entry.state.output);
  if (entry.state.running && written && written->size > limits::kExecutionBytes) {
    entry.program.cancel();
    entry.state.running = false;
    entry.state.notStarted =
        Error(ErrorCode::LimitExceeded,
              "it wrote more than " + std::to_string(limits::kExecutionBytes) + " bytes, and was killed")
            .withHint("let it write to a file below DATA_DIR");
  }
  return entry.state;
}

void Executions::end(std::uint64_t number) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  const Path output = found->second->state.output;
  entries_.erase(found);
  if (auto removed = tools_.files.removeFile(output); !removed) tools_.log.warning(removed.error().message());
}

}  // namespace tenon::host
