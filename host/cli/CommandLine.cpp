#include "host/cli/CommandLine.h"

#include <Poco/Environment.h>
#include <Poco/Path.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>
#include <ostream>

#include "host/base/Log.h"
#include "host/cli/Printing.h"
#include "host/cli/logs/LogCommand.h"
#include "host/contract/Change.h"

namespace tenon::host {

namespace {

constexpr int kUsage = 64;

std::vector<std::string> verbsOf(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) verbs.push_back(sub->get_name());
  return verbs;
}

std::vector<std::string> optionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The verb as deep as the arguments name it: `key gen`.
const CLI::App& deepest(const CLI::App& app, std::vector<std::string>& rest) {
  const CLI::App* at = &app;
  while (!rest.empty()) {
    const auto subs = at->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == rest.front(); });
    if (subs.empty()) break;
    at = subs.front();
    rest.erase(rest.begin());
  }
  return *at;
}

Error usageError(const CLI::App& app, const CLI::ParseError& error, std::vector<std::string> arguments) {
  const CLI::App& verb = deepest(app, arguments);
  Error usage{ErrorCode::Usage, error.what()};
  for (const auto& argument : arguments) {
    const bool isOption = argument.rfind("--", 0) == 0;
    const auto known = isOption ? optionsOf(verb) : verbsOf(verb);
    const std::string word = argument.substr(0, argument.find('='));
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string meant = nearest(word, known);
    if (!meant.empty())
      return Error{ErrorCode::Usage, "unknown " + std::string(isOption ? "option " : "command ") + word}.withHint(
          "did you mean " + meant + "?");
  }
  return usage.withHint(verb.get_parent() ? "tenon " + verb.get_name() + " --help" : "tenon --help");
}

void addGlobalOptions(CLI::App& app, Cli& cli) {
  app.add_option("--root", cli.root, "the node's folder")
      ->envname("TENON_ROOT")
      ->default_val(cli.adapter.facts().stateFolder.text())
      ->type_name("DIR");
  app.add_option("--ca-file", cli.caFile, "of https hubs: who may vouch for them, in PEM, instead of the system's list")
      ->envname("TENON_CA_FILE")
      ->type_name("FILE");
  const std::map<std::string, OutputFormat> formats = {
      {"table", OutputFormat::Table}, {"json", OutputFormat::Json}, {"jsonl", OutputFormat::JsonLines}};
  app.add_option("-o,--output", cli.format, "table, json or jsonl")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->envname("TENON_OUTPUT")
      ->type_name("FORMAT");
  app.add_flag("--wait,!--no-wait", cli.wait, "wait for the change to end (default), or print its number and leave");
  app.add_option("--timeout", cli.timeoutSeconds, "stop waiting after so many seconds")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
}

}  // namespace

CLI::Option* addHubOption(CLI::App& verb, std::string& hub) {
  return verb.add_option("--hub", hub, "the Model Hub: http://HOST:PORT, or https")->envname("TENON_HUB")->type_name("URL");
}

void addHubTokenOption(CLI::App& verb, std::string& tokenFile) {
  verb.add_option("--token-file", tokenFile, "the hub's token")->required()->type_name("FILE");
}

// People write paths as their system does; inside, '/' stands between parts on all of them.
Path Cli::absolute(const std::string& text) const {
  Poco::Path path(text);
  std::string whole = path.makeAbsolute().toString();
  std::replace(whole.begin(), whole.end(), Poco::Path::separator(), '/');
  return Path(whole);
}

void Cli::answer(const JsonObject& object, const std::string& text) const {
  out << (isJson() ? object.text() : text) << std::endl;
}

std::function<void(std::uint64_t, std::uint64_t)> Cli::progressLine(const std::string& doing) const {
  if (isJson() || adapter.terminalColumns(2) == 0) return [](std::uint64_t, std::uint64_t) {};
  return [this, doing, last = std::uint64_t{101}](std::uint64_t done, std::uint64_t total) mutable {
    const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
    if (percent == last) return;
    last = percent;
    err << "\r\x1b[K" << doing << " " << formatBytes(done) << " of " << formatBytes(total)
        << (percent == 100 ? "\r\x1b[K" : "") << std::flush;
  };
}

HttpWay Cli::way() const {
  return {.unixSocket = "",
          .caFile = caFile.empty() ? "" : absolute(caFile).text(),
          .proxies = HttpProxies::fromEnvironment(),
          .authorities = [this] { return adapter.authorities(); }};
}

bool Cli::colours() const { return adapter.terminalColumns(1) > 0 && !Poco::Environment::has("NO_COLOR"); }

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t bestDistance = word.size() / 2 + 1;  // further off is another word
  for (const auto& candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i + 1);
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t changed = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
      }
    }
    if (row.back() < bestDistance) bestDistance = row.back(), best = candidate;
  }
  return best;
}

void printError(Cli& cli, const Error& error) {
  if (cli.isJson()) {
    cli.err << toJson(error).text() << '\n';
    return;
  }
  cli.err << "error " << name(error.code()) << ": " << escapeControls(error.message()) << '\n';
  if (!error.field().empty()) cli.err << "  field   " << escapeControls(error.field()) << '\n';
  if (!error.hint().empty()) cli.err << "  hint    " << escapeControls(error.hint()) << '\n';
  cli.err << "  detail  tenon explain " << name(error.code()) << '\n';
}

int runCommandLine(Cli& cli, std::vector<std::string> arguments) {
  CLI::App app{"Tenon runs services: it installs signed packages, keeps them healthy, upgrades them without a gap.",
               "tenon"};
  app.set_version_flag("--version", std::string("tenon ") + TENON_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  addGlobalOptions(app, cli);
  addServiceCommands(app, cli);
  addMomentCommands(app, cli);
  addSetCommand(app, cli);
  addQueryCommands(app, cli);
  addLogCommand(app, cli);
  addEventCommand(app, cli);
  addDiskCommands(app, cli);
  addConfigCommands(app, cli);
  addDoctorCommands(app, cli);
  addModelCommands(app, cli);
  addPluginCommands(app, cli);
  addAuthorCommands(app, cli);
  addTrustCommands(app, cli);
  addServerCommands(app, cli);
  addHelpCommands(app, cli);

  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked, cli.out, cli.err);
  } catch (const CLI::ParseError& error) {
    printError(cli, usageError(app, error, arguments));
    return kUsage;
  }
  if (!cli.command) {
    cli.out << app.help();
    return arguments.empty() ? 0 : kUsage;
  }
  const auto status = cli.command();
  if (status) return *status;
  printError(cli, status.error());
  return exitStatus(status.error().code());
}

}  // namespace tenon::host
