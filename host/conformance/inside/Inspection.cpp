#include "host/conformance/inside/Inspection.h"

#include <algorithm>
#include <utility>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/base/Text.h"

namespace tenon::host {

namespace {

constexpr Millis kLook{20};          // at what it says, while it runs
constexpr Millis kEndsItself{5000};  // it would, that much later than it is killed

bool runsServices(InspectionJob::Task task) {
  return task == InspectionJob::Task::Serve || task == InspectionJob::Task::Adopt;
}

}  // namespace

Result<Inspection> Inspection::start(const Setting& setting, const InspectionJob& job) {
  Inspection inspection(setting);
  const std::string name = "inspection-" + uniqueSuffix();
  const Path file = setting.folder / (name + ".json");
  inspection.output_ = setting.folder / (name + ".out");
  inspection.end_ = setting.clock.now() + job.most;
  InspectionJob whole = job;
  whole.most += kEndsItself;
  TENON_TRY(auto written, WriteFile::create(setting.adapter.files(), 0, file.text(), {.ownerOnly = true}));
  TENON_CHECK(written.append(whole.toJson()));

  SpawnRequest request;
  request.name = name;
  request.argv = {setting.tenon.text(), "plugin", "inspect", file.text()};
  request.env = {{"PATH", setting.adapter.facts().searchPath}};
  request.cwd = setting.folder;
  request.output = inspection.output_;
  if (!runsServices(job.task)) request.memoryBytes = 2 * limits::kPluginHostBytes;
  TENON_TRY(const auto spawned, setting.adapter.processes().spawn(request));
  inspection.process_ = spawned.process;
  return inspection;
}

Inspection::Inspection(Inspection&& other) noexcept
    : setting_(other.setting_),
      output_(std::move(other.output_)),
      process_(std::exchange(other.process_, 0)),
      end_(other.end_),
      read_(other.read_),
      unread_(std::move(other.unread_)),
      said_(std::move(other.said_)),
      ended_(other.ended_),
      late_(other.late_) {}

Inspection::~Inspection() {
  if (process_ == 0) return;
  if (!ended_) static_cast<void>(setting_.adapter.processes().killTree(process_));
  setting_.adapter.processes().release(process_);
}

// True: it has said that.
bool Inspection::pump(const std::function<bool(const Json&)>& that) {
  bool enough = false;
  const auto file = ReadFile::open(setting_.adapter.files(), output_);
  if (!file) return false;
  std::string chunk(64 * limits::KiB, '\0');
  while (read_ < std::min<std::uint64_t>(file->size(), limits::kInspectionBytes)) {
    const auto got = file->read(read_, chunk);
    if (!got || *got == 0) break;
    read_ += *got;
    unread_.append(chunk, 0, *got);
    std::size_t begin = 0;
    for (std::size_t line; (line = unread_.find('\n', begin)) != std::string::npos; begin = line + 1) {
      std::string_view text = trimmed(std::string_view(unread_).substr(begin, line - begin), "\r");
      const auto at = text.find(kSaid);  // behind what the plugin wrote without ending its line
      if (at == std::string_view::npos) continue;
      auto document = Json::parse(text.substr(at + kSaid.size()));
      if (!document) continue;
      enough = enough || that(*document);
      said_.push_back(*std::move(document));
    }
    unread_.erase(0, begin);
  }
  return enough;
}

void Inspection::waitFor(const std::function<bool(const Json&)>& that) {
  for (;;) {
    const bool over = ended_.has_value();
    if (pump(that) || over) return;
    const Millis left = std::chrono::duration_cast<Millis>(end_ - setting_.clock.now());
    if (left <= left.zero() && !std::exchange(late_, true)) {
      if (!setting_.adapter.processes().killTree(process_)) return;  // not even that: it is left behind
    }
    const auto ends = setting_.adapter.processes().wait(late_ ? kLook : std::min(left, kLook));
    if (!ends) return;
    for (const auto& end : *ends) {
      if (end.process == process_) ended_ = end;
    }
  }
}

Result<void> Inspection::kill() {
  TENON_CHECK(setting_.adapter.processes().signal(process_, "KILL"));
  waitForEnd();
  return {};
}

std::optional<Json> Inspection::last(std::string_view member) const {
  const auto found =
      std::find_if(said_.rbegin(), said_.rend(), [&](const Json& each) { return each.find(member).has_value(); });
  return found == said_.rend() ? std::nullopt : std::optional(*found);
}

std::optional<std::string> Inspection::fault() const {
  if (late_) return "it did not end in its time and was killed";
  if (!ended_) return "nobody could tell how it ended";
  if (ended_->outOfMemory) return "it needed more memory than it is given";
  if (ended_->how == ProcessEnd::How::Exited && ended_->code == 0) return std::nullopt;
  const std::string number = std::to_string(ended_->code);
  return ended_->how == ProcessEnd::How::Signalled ? "it ended by signal " + number : "it ended with exit status " + number;
}

}  // namespace tenon::host
