// tenon events: what happened, and what happens.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <thread>

#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/contract/release/Release.h"
#include "host/package/fetch/Attempts.h"

namespace tenon::host {

namespace {

constexpr Millis kAgainAfter{500};

struct EventArguments {
  std::string service;
  bool follow = false;
  std::size_t tail = 50;
};

class EventPrinter {
 public:
  EventPrinter(Cli& cli, const EventArguments& arguments) : cli_(cli), arguments_(arguments) {}

  bool wants(const Json& event) const {
    return arguments_.service.empty() || cell(event, "service_id") == arguments_.service;
  }
  void line(const Json& event) {
    if (cli_.isJson()) {
      cli_.out << event.text() << '\n';
      return;
    }
    cli_.out << cell(event, "at") << "  " << padded(cell(event, "type"), 20) << "  " << padded(cell(event, "service_id"), 16)
             << "  " << cell(event, "why") << '\n';
  }

 private:
  static std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
  }

  Cli& cli_;
  const EventArguments& arguments_;
};

// Those of late; the id of the last one there is.
Result<std::uint64_t> printLatest(Cli& cli, AgentConnection& agent, EventPrinter& printer, const EventArguments& arguments) {
  TENON_TRY(const auto answer, agent.get("/v1/events"));
  TENON_TRY(const auto list, answer.member("events"));
  TENON_TRY(const auto events, list.array());
  std::vector<Json> wanted;
  for (const auto& event : events) {
    if (printer.wants(event)) wanted.push_back(event);
  }
  if (wanted.size() > arguments.tail)
    wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(arguments.tail));
  if (cli.format == OutputFormat::Json && !arguments.follow) {
    JsonArray rows;
    for (const auto& event : wanted) rows.add(event);
    cli.out << JsonObject().set("events", rows).text() << '\n';
  } else {
    for (const auto& event : wanted) printer.line(event);
  }
  if (events.empty()) return std::uint64_t{0};
  TENON_TRY(const auto last, events.back().integerOr("id", 0, 0, INT64_MAX));
  return static_cast<std::uint64_t>(last);
}

// Also from one agent to the next, since the numbers of events go on: of the agent's own end and start is told, too.
Result<void> follow(Cli& cli, EventPrinter& printer, std::uint64_t seen) {
  const auto told = [&](std::string_view name, const Json& event) -> Result<void> {
    if (name == "missed") {
      cli.err << "(more happened meanwhile than the agent remembers: events.jsonl has it)" << std::endl;
      return {};
    }
    TENON_TRY(const auto id, event.integerOr("id", 0, 0, INT64_MAX));
    seen = static_cast<std::uint64_t>(id);
    if (!printer.wants(event)) return {};
    printer.line(event);
    if (cli.out.flush()) return {};
    return Error(ErrorCode::Cancelled, "nobody reads what is written here any more");
  };
  for (bool waits = false; true; std::this_thread::sleep_for(kAgainAfter)) {
    auto agent = agentOf(cli);
    const std::uint64_t before = seen;
    const auto ended = agent ? agent->follow(seen, told) : Result<void>(agent.error());
    if (ended || seen != before) waits = false;
    if (ended) continue;
    if (!mayPass(ended.error())) return ended.error();
    if (!std::exchange(waits, true)) cli.err << "(the agent does not answer: waiting for it)" << std::endl;
  }
}

Result<int> events(Cli& cli, const EventArguments& arguments) {
  if (!arguments.service.empty()) TENON_CHECK(ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  EventPrinter printer(cli, arguments);
  TENON_TRY(const auto last, printLatest(cli, agent, printer, arguments));
  cli.out << std::flush;
  if (arguments.follow) TENON_CHECK(follow(cli, printer, last));
  return 0;
}

}  // namespace

void addEventCommand(CLI::App& app, Cli& cli) {
  auto given = std::make_shared<EventArguments>();
  CLI::App* verb = app.add_subcommand("events", "what happened on this node, and why");
  verb->add_option("service", given->service, "only of one service")->type_name("ID");
  verb->add_flag("-f,--follow", given->follow, "go on with what happens");
  verb->add_option("-n,--tail,--lines", given->tail,
                   "only the last so many of those that are remembered (at most 1,000); 50 where it is not said")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1000}))
      ->type_name("N");
  verb->callback([&cli, given] { cli.command = [&cli, given] { return events(cli, *given); }; });
}

}  // namespace tenon::host
