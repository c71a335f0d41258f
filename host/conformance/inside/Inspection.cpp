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

// Nothing where the line is the plugin's; behind what it wrote without ending its line.
std::optional<Json> saidIn(std::string_view line) {
  const std::string_view text = trimmed(line, "\r");
  const auto at = text.find(kSaid);
  if (at == std::string_view::npos) return std::nullopt;
  auto document = Json::parse(text.substr(at + kSaid.size()));
  return document ? std::optional(*std::move(document)) : std::nullopt;
}

}  // namespace

Result<Inspection> Inspection::start(const Setting& setting, const InspectionJob& job) {
  const std::string name = "inspection-" + uniqueSuffix();
  const Path file = setting.folder / (name + ".json"), output = setting.folder / (name + ".out");
  Inspection inspection(setting, output);
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
  request.output = output;
  if (!job.runsService()) request.memoryBytes = 2 * limits::kPluginHostBytes;
  TENON_TRY(const auto spawned, setting.adapter.processes().spawn(request));
  inspection.process_ = spawned.process;
  return inspection;
}

Inspection::Inspection(Inspection&& other) noexcept
    : setting_(other.setting_),
      output_(std::move(other.output_)),
      process_(std::exchange(other.process_, 0)),
      end_(other.end_),
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
  const auto take = [&](std::string_view text) {
    unread_ += text;
    std::size_t begin = 0;
    for (std::size_t line; (line = unread_.find('\n', begin)) != std::string::npos; begin = line + 1) {
      const auto said = saidIn(std::string_view(unread_).substr(begin, line - begin));
      if (!said) continue;
      enough = enough || that(*said);
      said_.push_back(*said);
    }
    unread_.erase(0, begin);
  };
  output_.pump(take, limits::kInspectionBytes);
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
