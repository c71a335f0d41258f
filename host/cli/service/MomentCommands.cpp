// What is done at once to a service's processes, and to the agent: signal, freeze, thaw, exec, renew.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "host/base/Text.h"
#include "host/cli/AgentConnection.h"
#include "host/cli/Cli.h"
#include "host/cli/logs/LogLines.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

struct MomentArguments {
  std::string service, signal;
};

// `done`: what the answer says in a word.
Result<int> atOnce(Cli& cli, const MomentArguments& arguments, const std::string& verb, const std::string& done) {
  TENON_TRY(const auto service, ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  JsonObject body;
  if (!arguments.signal.empty()) body.set("name", arguments.signal);
  TENON_CHECK(agent.post("/v1/services/" + service.text() + "/" + verb, body));
  cli.answer(JsonObject().set("service_id", service.text()).set("done", done), service.text() + "  " + done);
  return 0;
}

constexpr Millis kRenewPoll{20}, kRenewPatience{60'000};

// The agent's own words on when it began, and what it is; nothing while none answers.
std::optional<Json> node(const Cli& cli) {
  auto agent = agentOf(cli);
  if (!agent) return std::nullopt;
  auto answer = agent->get("/v1/node");
  return answer ? std::optional(*std::move(answer)) : std::nullopt;
}

Result<int> renew(Cli& cli) {
  TENON_TRY(auto agent, agentOf(cli));
  TENON_TRY(const auto before, agent.get("/v1/node"));
  TENON_TRY(const auto began, before.stringOr("started_at", ""));
  TENON_CHECK(agent.post("/v1/node/renew", JsonObject()));
  const Instant asked = cli.clock.now();
  for (;;) {
    const auto now = node(cli);
    if (now && now->stringOr("started_at", began).value_or(began) != began) {
      TENON_TRY(const auto fault, now->stringOr("renew_fault", ""));
      if (!fault.empty()) {
        return Error{ErrorCode::SpawnFailed, "the agent serves on as it was: " + fault}.withHint(
            "services ran on; put a program that runs here in its place, and try again");
      }
      TENON_TRY(const auto from, before.stringOr("version", ""));
      TENON_TRY(const auto to, now->stringOr("version", ""));
      cli.answer(JsonObject().set("from", from).set("to", to), "agent " + from + " → " + to + "; services ran on");
      return 0;
    }
    if (cli.clock.now() - asked > kRenewPatience) {
      return Error{ErrorCode::Timeout, "the agent did not come back"}.withHint("its log says why; services run on");
    }
    std::this_thread::sleep_for(kRenewPoll);
  }
}

void addMomentVerb(CLI::App& app, Cli& cli, const std::string& verb, const std::string& help, const std::string& done) {
  auto arguments = std::make_shared<MomentArguments>();
  CLI::App* sub = app.add_subcommand(verb, help);
  sub->add_option("service", arguments->service, "ID")->required()->type_name("ID");
  if (verb == "signal") {
    sub->add_option("name", arguments->signal, "TERM, INT, HUP, QUIT, USR1, USR2 or KILL")->required()->type_name("NAME");
  }
  sub->callback([&cli, arguments, verb, done] {
    cli.command = [&cli, arguments, verb, done] { return atOnce(cli, *arguments, verb, done); };
  });
}

// ---- exec ----

constexpr Millis kLeastPause{10}, kMostPause{200};
constexpr int kBySignal = 128;  // as shells tell it

struct ExecArguments {
  std::string service;
  std::vector<std::string> argv;
};

struct Piece {
  std::string bytes, state;
  bool last = false;
};

Result<std::uint64_t> numberIn(std::string_view text) {
  if (const auto value = wholeNumber(text)) return *value;
  return Error{ErrorCode::NetworkProtocol, "the agent did not say how the program goes on"}.withHint(
      "this program and the agent are of different versions: tenon --version");
}

Result<Piece> ask(AgentConnection& agent, const std::string& place, std::uint64_t offset) {
  const std::string path = place + "?offset=" + std::to_string(offset);
  TENON_TRY(auto response, agent.raw("GET", path));
  if (response.status >= 400) {
    TENON_TRY(const auto body, Json::parse(response.body));
    TENON_TRY(const auto problem, errorFromJson(body));
    return problem;
  }
  TENON_TRY(const auto next, numberIn(response.header("Tenon-Output-Next")));
  TENON_TRY(const auto end, numberIn(response.header("Tenon-Output-End")));
  Piece piece{std::move(response.body), response.header("Tenon-Execution"), false};
  piece.last = piece.state != "running" && next == end;
  return piece;
}

Result<int> exitStatusOf(const std::string& state) {
  const auto blank = state.find(' ');
  if (blank == std::string::npos) return Error{ErrorCode::Internal, "the system did not tell how the program ended"};
  TENON_TRY(const auto code, numberIn(std::string_view(state).substr(blank + 1)));
  return static_cast<int>(code) + (state.starts_with("signalled") ? kBySignal : 0);
}

// Its output as it comes: byte for byte into a pipe, by lines and with nothing that acts on it on a terminal; or all of it
// in one object.
Result<int> follow(Cli& cli, AgentConnection& agent, const std::string& place) {
  const bool isTerminal = cli.adapter.terminalColumns(1) > 0;
  LogLines lines([&](const LogLine& line) -> Result<void> {
    cli.out << shownLine(line.text) << (line.ends ? "\n" : "") << std::flush;
    return {};
  });
  std::string all;
  std::uint64_t offset = 0;
  for (Millis pause = kLeastPause;;) {
    TENON_TRY(const auto piece, ask(agent, place, offset));
    if (cli.isJson()) {
      all += piece.bytes;
    } else if (isTerminal) {
      TENON_CHECK(lines.add(offset, piece.bytes));
      if (piece.last) TENON_CHECK(lines.flush());
    } else if (!piece.bytes.empty()) {
      cli.out << piece.bytes << std::flush;
    }
    offset += piece.bytes.size();
    if (piece.last) {
      TENON_TRY(const int status, exitStatusOf(piece.state));
      if (cli.isJson()) cli.out << JsonObject().set("exit_status", status).set("output", all).text() << '\n';
      return status;
    }
    pause = piece.bytes.empty() ? std::min(pause * 2, kMostPause) : kLeastPause;
    std::this_thread::sleep_for(pause);
  }
}

Result<int> execute(Cli& cli, const ExecArguments& arguments) {
  TENON_TRY(const auto service, ServiceId::parse(arguments.service));
  TENON_TRY(auto agent, agentOf(cli));
  const auto body = JsonObject().set("argv", arguments.argv);
  TENON_TRY(const auto begun, agent.post("/v1/services/" + service.text() + "/executions", body));
  TENON_TRY(const auto number, begun.integerOr("execution", 0, 0, INT64_MAX));
  const std::string place = "/v1/executions/" + std::to_string(number);
  auto status = follow(cli, agent, place);
  static_cast<void>(agent.remove(place));  // else it goes by itself
  return status;
}

void addExecVerb(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<ExecArguments>();
  CLI::App* sub = app.add_subcommand("exec", "run a program as a service runs: its user, environment, limits and isolation");
  sub->add_option("service", arguments->service, "ID")->required()->type_name("ID");
  sub->add_option("command", arguments->argv, "after --: a program of the package or the node, and its arguments")
      ->required()
      ->type_name("PROGRAM");
  sub->callback([&cli, arguments] { cli.command = [&cli, arguments] { return execute(cli, *arguments); }; });
}

}  // namespace

void addMomentCommands(CLI::App& app, Cli& cli) {
  addMomentVerb(app, cli, "signal", "send a signal to a service's main process", "signalled");
  addMomentVerb(app, cli, "freeze", "let a service stand still, with all that it holds", "frozen");
  addMomentVerb(app, cli, "thaw", "let a frozen service go on", "thawed");
  app.add_subcommand("renew", "let the agent go on as the program that lies on disk now; services run on")->callback([&cli] {
    cli.command = [&cli] { return renew(cli); };
  });
  addExecVerb(app, cli);
}

}  // namespace tenon::host
