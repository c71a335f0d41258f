#include "host/cli/logs/LogCommand.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "host/cli/AgentConnection.h"
#include "host/cli/logs/LogLines.h"
#include "host/cli/logs/LogTime.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

constexpr Millis kFollowPoll{200};

struct LogArguments {
  std::string spec, since, grep;
  bool follow = false, previous = false;
  std::optional<std::uint64_t> tail;
};

// Bytes as they are when piped, nothing that acts on it on a terminal, objects with -o json and jsonl.
class LogPrinter {
 public:
  LogPrinter(Cli& cli, bool follows)
      : cli_(cli), terminal_(cli.adapter.terminalColumns(1) > 0), list_(cli.format == OutputFormat::Json && !follows) {}

  bool asItIs() const { return !cli_.isJson() && !terminal_; }
  void bytes(std::string_view bytes) { cli_.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); }

  void line(const LogLine& line) {
    if (cli_.isJson()) {
      cli_.out << (!list_ ? "" : lines_ == 0 ? "{\"lines\":[" : ",");
      cli_.out << JsonObject().set("offset", line.offset).set("line", line.text).text() << (list_ ? "" : "\n");
    } else {
      cli_.out << (terminal_ ? shownLine(line.text) : std::string(line.text)) << (line.ends ? "\n" : "");
    }
    ++lines_;
  }
  void end() {
    if (list_) cli_.out << (lines_ == 0 ? "{\"lines\":[" : "") << "]}\n";
    cli_.out << std::flush;
  }

 private:
  Cli& cli_;
  const bool terminal_, list_;
  std::uint64_t lines_ = 0;
};

// Those lines that match, and of them, until the end has been seen, the last so many.
class LogFilter {
 public:
  LogFilter(LogPrinter& printer, std::optional<LogPattern> pattern, std::optional<std::uint64_t> last)
      : printer_(printer), pattern_(std::move(pattern)), last_(last) {}

  Result<void> line(const LogLine& line) {
    if (pattern_) {
      TENON_TRY(const bool matches, pattern_->matches(line.text));
      if (!matches) return {};
    }
    // With a pattern, what is printed is a line of its own.
    const LogLine shown{line.offset, line.text, line.ends || pattern_};
    if (!last_) return printer_.line(shown), Result<void>{};
    kept_.emplace_back(shown.offset, std::string(shown.text));
    if (kept_.size() > *last_) kept_.pop_front();
    return {};
  }
  void endSeen() {
    last_.reset();
    for (const auto& [offset, text] : kept_) printer_.line({offset, text, true});
    kept_.clear();
  }

 private:
  LogPrinter& printer_;
  std::optional<LogPattern> pattern_;
  std::optional<std::uint64_t> last_;
  std::deque<std::pair<std::uint64_t, std::string>> kept_;
};

struct LogAnswer {
  std::string bytes;
  std::uint64_t begin = 0, next = 0, end = 0;
};

Result<std::uint64_t> numberIn(const HttpResponse& response, std::string_view header) {
  const std::string text = response.header(header);
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && !text.empty()) return value;
  return Error{ErrorCode::NetworkProtocol, "the agent did not say where the log goes on"}.withHint(
      "this program and the agent are of different versions: tenon --version");
}

Result<LogAnswer> ask(AgentConnection& agent, const std::string& path) {
  TENON_TRY(auto response, agent.raw("GET", path));
  if (response.status >= 400) {
    TENON_TRY(const auto problem, agent.get(path));
    return Error{ErrorCode::Internal, "the agent answered " + std::to_string(response.status)};
  }
  LogAnswer answer;
  TENON_TRY(answer.begin, numberIn(response, "Tenon-Log-Begin"));
  TENON_TRY(answer.next, numberIn(response, "Tenon-Log-Offset"));
  TENON_TRY(answer.end, numberIn(response, "Tenon-Log-End"));
  answer.bytes = std::move(response.body);
  return answer;
}

Result<std::string> firstQuestion(const Cli& cli, const LogArguments& arguments) {
  std::string query;
  if (arguments.previous) query += "&previous=1";
  if (!arguments.since.empty()) {
    TENON_TRY(const auto time, parseSince(arguments.since, cli.clock.wall()));
    query += "&since=" + formatTime(time);
  }
  if (arguments.tail && arguments.grep.empty()) query += "&lines=" + std::to_string(*arguments.tail);
  // A search is one of all that is there.
  if (query.empty() && !arguments.grep.empty()) query = "&offset=0";
  return query;
}

// A piece of what is followed that is rotated away before it was read.
void tellGap(const Cli& cli, std::uint64_t expected, const LogAnswer& answer) {
  if (cli.isJson() || answer.begin <= expected) return;
  cli.err << "(" << answer.begin - expected << " bytes are rotated away)" << std::endl;
}

class LogReading {
 public:
  LogReading(Cli& cli, AgentConnection& agent, LogPrinter& printer, LogFilter& filter)
      : cli_(cli), agent_(agent), printer_(printer), filter_(filter), lines_([this](const LogLine& line) {
          return filter_.line(line);
        }) {}

  Result<void> run(const std::string& base, const std::string& first, const LogArguments& arguments) {
    const bool asItIs = printer_.asItIs() && arguments.grep.empty();
    TENON_TRY(auto answer, ask(agent_, base + first));
    for (std::uint64_t end = answer.end;;) {
      if (asItIs) {
        printer_.bytes(answer.bytes);
      } else {
        TENON_CHECK(lines_.add(answer.begin, answer.bytes));
      }
      const bool done = answer.next >= end || answer.bytes.empty();
      if (done && !asItIs) TENON_CHECK(lines_.flush());
      if (done) filter_.endSeen();
      if (done && !arguments.follow) return {};
      if (done) cli_.out << std::flush;
      if (answer.bytes.empty()) std::this_thread::sleep_for(kFollowPoll);
      const std::uint64_t next = answer.next;
      const std::string until = done ? "" : "&end=" + std::to_string(end);
      TENON_TRY(answer, ask(agent_, base + "&offset=" + std::to_string(next) + until));
      if (done) end = answer.end;
      tellGap(cli_, next, answer);
    }
  }

 private:
  Cli& cli_;
  AgentConnection& agent_;
  LogPrinter& printer_;
  LogFilter& filter_;
  LogLines lines_;
};

Result<int> logs(Cli& cli, const LogArguments& arguments) {
  TENON_TRY(const auto spec, ReleaseSpec::parse(arguments.spec));
  if (arguments.follow && arguments.previous) {
    return Error{ErrorCode::Usage, "--previous is over: there is nothing to follow"}.withHint("leave out one of the two");
  }
  std::optional<LogPattern> pattern;
  if (!arguments.grep.empty()) {
    TENON_TRY(auto compiled, LogPattern::compile(arguments.grep));
    pattern.emplace(std::move(compiled));
  }
  TENON_TRY(const std::string first, firstQuestion(cli, arguments));
  TENON_TRY(auto agent, agentOf(cli));
  LogPrinter printer(cli, arguments.follow);
  LogFilter filter(printer, std::move(pattern), arguments.grep.empty() ? std::nullopt : arguments.tail);
  const std::string version = spec.version ? spec.version->text() : "";
  TENON_CHECK(LogReading(cli, agent, printer, filter)
                  .run("/v1/services/" + spec.service.text() + "/logs?version=" + version, first, arguments));
  printer.end();
  return 0;
}

}  // namespace

void addLogCommand(CLI::App& app, Cli& cli) {
  auto log = std::make_shared<LogArguments>();
  CLI::App* verb = app.add_subcommand("logs", "what a service wrote");
  verb->add_option("service", log->spec, "the current version, or the one named")->required()->type_name("ID[@VERSION]");
  verb->add_flag("-f,--follow", log->follow, "go on with what comes");
  verb->add_option("--since", log->since, "what was written since then: 90s, 15m, 2h, 3d, or 2026-11-29T01:30:05Z")
      ->type_name("TIME");
  verb->add_option("--grep", log->grep, "only lines that match, of all that are kept")->type_name("PATTERN");
  verb->add_flag("--previous", log->previous, "the run before the last start");
  verb->add_option("-n,--tail,--lines", log->tail, "only the last so many lines; 200 where nothing else is asked")
      ->check(CLI::Range(std::uint64_t{0}, limits::kLogTailLines))
      ->type_name("N");
  verb->callback([&cli, log] { cli.command = [&cli, log] { return logs(cli, *log); }; });
}

}  // namespace tenon::host
