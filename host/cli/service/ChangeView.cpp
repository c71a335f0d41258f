#include "host/cli/service/ChangeView.h"

#include <ostream>
#include <thread>

#include "host/base/Log.h"
#include "host/cli/CommandLine.h"
#include "host/cli/Printing.h"

namespace tenon::host {

namespace {

constexpr Millis kPoll{50};

const char* mark(ChangeStep::State state) {
  switch (state) {
    case ChangeStep::State::Done:
      return "✓";
    case ChangeStep::State::Failed:
      return "✗";
    case ChangeStep::State::Running:
      break;
  }
  return "…";
}

std::string rateOf(const ChangeStep& step) {
  if (step.doneBytes == 0 || step.durationMs <= 0) return "";
  return "  " + formatBytes(step.doneBytes * 1000 / static_cast<std::uint64_t>(step.durationMs)) + "/s";
}

}  // namespace

Result<int> ChangeView::follow(std::uint64_t number) {
  const Instant began = cli_.clock.now();
  for (;;) {
    TENON_TRY(const auto json, agent_.get("/v1/changes/" + std::to_string(number)));
    TENON_TRY(const auto change, Change::parse(json.text()));
    if (cli_.format == OutputFormat::Table) show(change);
    if (cli_.format == OutputFormat::JsonLines && json.text() != lastJson_)
      cli_.out << (lastJson_ = json.text()) << std::endl;
    if (change.ended()) {
      if (cli_.format == OutputFormat::Json) cli_.out << json.text() << '\n';
      showEnd(change);
      return change.exitStatus();
    }
    const auto waited = std::chrono::duration<double>(cli_.clock.now() - began).count();
    if (cli_.timeoutSeconds > 0 && waited > cli_.timeoutSeconds) {
      erase();
      return Error{ErrorCode::Timeout, "change " + std::to_string(number) + " has not ended yet; it goes on"}.withHint(
          "see it with: tenon changes " + std::to_string(number));
    }
    std::this_thread::sleep_for(kPoll);
  }
}

std::string ChangeView::line(const ChangeStep& step) const {
  std::string text = std::string("  ") + mark(step.state) + " " + step.name;
  text.append(step.name.size() < 10 ? 10 - step.name.size() : 1, ' ');
  text += escapeControls(step.detail);
  const bool running = step.state == ChangeStep::State::Running;
  if (step.totalBytes > 0) {
    text += "  " + formatBytes(running ? step.doneBytes : step.totalBytes);
    if (running)
      text += " of " + formatBytes(step.totalBytes) + "  " + std::to_string(step.doneBytes * 100 / step.totalBytes) + "%";
    text += rateOf(step);
  }
  return text;
}

void ChangeView::erase() {
  if (!live_.empty()) cli_.out << "\r\x1b[K" << std::flush;
  live_.clear();
}

void ChangeView::show(const Change& change) {
  for (; shown_ < change.steps.size() && change.steps[shown_].state != ChangeStep::State::Running; ++shown_) {
    erase();
    cli_.out << line(change.steps[shown_]) << std::endl;
  }
  const int columns = cli_.adapter.terminalColumns(1);
  if (columns <= 0 || shown_ >= change.steps.size()) return;
  std::string live = line(change.steps[shown_]);
  if (live.size() >= static_cast<std::size_t>(columns)) live.resize(static_cast<std::size_t>(columns) - 1);
  if (live == live_) return;
  erase();
  cli_.out << (live_ = live) << std::flush;
}

void ChangeView::showEnd(const Change& change) {
  erase();
  if (cli_.format == OutputFormat::Table && !change.outcome.empty()) {
    cli_.out << "  " << (change.state == Change::State::Done ? "✓" : "↩") << " " << escapeControls(change.outcome)
             << std::endl;
  }
  if (!change.error) return;
  Error error = *change.error;
  if (error.hint().empty())
    error.withHint("tenon changes " + std::to_string(change.number) + " --evidence · tenon logs " + change.service);
  printError(cli_, error);
}

Result<int> followIfAsked(Cli& cli, AgentConnection& agent, const Json& accepted) {
  TENON_TRY(const auto number, accepted.integerOr("change", 0, 1, INT64_MAX));
  if (cli.wait) return ChangeView(cli, agent).follow(static_cast<std::uint64_t>(number));
  if (cli.isJson()) {
    cli.out << accepted.text() << '\n';
  } else {
    cli.out << "change " << number << " has begun; see it with: tenon changes " << number << '\n';
  }
  return 0;
}

}  // namespace tenon::host
