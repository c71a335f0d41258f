#include "host/runtime/process/OneShot.h"

#include <algorithm>
#include <utility>

namespace tenon::host {

void OneShot::run(const SpawnRequest& request, Millis timeout, Done done) {
  auto spawned = tools_.processes.spawn(request);
  if (!spawned) return done({.notStarted = std::move(spawned).error(), .timedOut = false, .end = {}});
  process_ = spawned->process;
  timedOut_ = false;
  done_ = std::move(done);
  deadline_.start(timeout, [this] {
    timedOut_ = true;
    if (auto killed = tools_.processes.killTree(process_); !killed) tools_.log.warning(killed.error().message());
  });
  tools_.ends.expect(process_, [this](const ProcessEnd& end) { ended(end); });
}

void OneShot::ended(const ProcessEnd& end) {
  deadline_.cancel();
  if (auto killed = tools_.processes.killTree(process_); !killed) tools_.log.warning(killed.error().message());
  tools_.processes.release(std::exchange(process_, 0));
  const Done done = std::exchange(done_, nullptr);
  done({.notStarted = std::nullopt, .timedOut = timedOut_, .end = end});
}

void OneShot::cancel() {
  deadline_.cancel();
  done_ = nullptr;
  if (process_ == 0) return;
  if (auto killed = tools_.processes.killTree(process_); !killed) tools_.log.warning(killed.error().message());
  tools_.ends.expect(std::exchange(process_, 0),
                     [&processes = tools_.processes](const ProcessEnd& end) { processes.release(end.process); });
}

std::string lastLine(Files& files, const Path& output) {
  constexpr std::uint64_t kTail = 4 * limits::KiB;
  const auto file = ReadFile::open(files, output);
  if (!file) return "";
  std::string tail(static_cast<std::size_t>(std::min(file->size(), kTail)), '\0');
  const auto got = file->read(file->size() - tail.size(), tail);
  if (!got) return "";
  tail.resize(*got);
  while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) tail.pop_back();
  tail.erase(0, tail.rfind('\n') + 1);
  return escapeControls(std::string_view(tail).substr(0, limits::kHealthTextBytes));
}

}  // namespace tenon::host
