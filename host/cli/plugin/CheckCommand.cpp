// plugin check and plugin replay: the conformance kit.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/base/Log.h"
#include "host/cli/KeyFiles.h"
#include "host/cli/Printing.h"
#include "host/cli/plugin/PluginVerbs.h"
#include "host/conformance/Conformance.h"
#include "host/conformance/inside/Inspect.h"
#include "host/contract/SignedText.h"
#include "host/trust/SignatureFile.h"

namespace tenon::host {

namespace {

constexpr const char* kFailedCalls = "failed-calls";

struct CheckArguments {
  std::string pluginFile, golden, service, keep = kFailedCalls, result, key;
  std::uint64_t seed = 1;
  std::size_t documents = limits::kOddDocuments;
};

ConformanceTools toolsOf(const Cli& cli) {
  return {cli.adapter, cli.clock, cli.servers.pluginHost(), cli.adapter.facts().executable, TENON_VERSION};
}

// One line that the next check overwrites; nothing when piped.
ConformanceProgress progressOf(const Cli& cli) {
  if (cli.isJson() || cli.adapter.terminalColumns(2) == 0) return {};
  return [&cli](std::string_view id, std::size_t done, std::size_t of) {
    cli.err << "\r\x1b[K" << done + 1 << " of " << of << ' ' << id << std::flush;
  };
}

void print(Cli& cli, const ConformanceReport& report) {
  if (cli.isJson()) {
    cli.out << report.document().text() << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : report.checks) {
    rows.push_back({each.id, std::string(name(each.verdict)), escapeControls(each.why)});
  }
  printTable(cli.out, {"CHECK", "VERDICT", "WHY"}, rows);
  for (const auto& each : report.checks) {
    if (!each.kept.empty()) cli.out << "call of " << each.id << " kept: tenon plugin replay " << each.kept << '\n';
  }
  cli.out << report.plugin << ' ' << report.version << ' ' << report.outcome() << std::endl;
}

// The document, and with a key its signature beside it.
Result<void> writeResult(Cli& cli, const CheckArguments& arguments, const ConformanceReport& report) {
  const std::string text = report.document().pretty();
  const Path file = cli.absolute(arguments.result);
  if (!arguments.key.empty()) {
    TENON_TRY(const auto key, readSecretKey(cli, arguments.key));
    const std::string lines = toSignatureFile(signaturesOf({key}, text));
    TENON_CHECK(removeDurably(cli.files(), file));  // an older one never stands beside a newer signature
    TENON_CHECK(writeAtomically(cli.files(), Path(file.text() + kSignatureSuffix), lines));
  } else {
    TENON_CHECK(removeDurably(cli.files(), Path(file.text() + kSignatureSuffix)));
  }
  return writeAtomically(cli.files(), file, text);
}

Result<int> checkVerb(Cli& cli, const CheckArguments& arguments) {
  if (!arguments.key.empty() && arguments.result.empty()) {
    return Error(ErrorCode::Usage, "--key signs what --result writes, and there is none")
        .withHint("--result conformance.json");
  }
  const auto path = [&](const std::string& text) { return text.empty() ? Path() : cli.absolute(text); };
  const ConformanceOptions options{.pluginFile = path(arguments.pluginFile),
                                   .golden = path(arguments.golden),
                                   .service = path(arguments.service),
                                   .keep = path(arguments.keep),
                                   .seed = arguments.seed,
                                   .documents = arguments.documents};
  const auto progress = progressOf(cli);
  const auto report = checkPlugin(toolsOf(cli), options, progress);
  if (progress) cli.err << "\r\x1b[K" << std::flush;
  if (!report) return report.error();
  print(cli, *report);
  if (!arguments.result.empty()) TENON_CHECK(writeResult(cli, arguments, *report));
  if (report->failed()) {
    return Error(ErrorCode::ConformanceFailed, report->plugin + " does not pass")
        .withHint("tenon explain CHECK says how to mend it");
  }
  if (report->planned) return 0;
  return Error(ErrorCode::ConformanceFailed, report->plugin + " never gave a plan, so that little is proven")
      .withHint("bring a request that leads to one: --golden DIR or --service DIR");
}

struct ReplayArguments {
  std::string file, pluginFile;
};

Result<int> replayVerb(Cli& cli, const ReplayArguments& arguments) {
  TENON_TRY(const auto text, cli.files().readAll(cli.absolute(arguments.file), limits::kKeptCallBytes));
  TENON_TRY(auto call, withContext("read " + arguments.file, KeptCall::parse(text)));
  if (!arguments.pluginFile.empty()) call.pluginFile = cli.absolute(arguments.pluginFile);
  if (!cli.isJson()) {
    cli.out << call.plugin << ' ' << call.version << ", " << call.check << ": " << escapeControls(call.told) << std::endl;
  }
  TENON_TRY(const auto answer, replayCall(toolsOf(cli), call));
  JsonObject object;
  object.set("code", static_cast<std::int64_t>(answer.code)).set("documents", static_cast<std::uint64_t>(answer.documents));
  object.set("problems", static_cast<std::uint64_t>(answer.problems)).set("document", answer.document);
  object.set("problem", answer.problem);
  const std::string& given = answer.code == TENON_OK ? answer.document : answer.problem;
  cli.answer(object, "now: code " + std::to_string(answer.code) + "\n" + escapeControls(given));
  return 0;
}

}  // namespace

void addPluginCheckVerbs(CLI::App& plugin, Cli& cli) {
  auto given = std::make_shared<CheckArguments>();
  CLI::App* check = plugin.add_subcommand("check", "does a driver keep the rules? docs/conformance.md");
  check->add_option("LIB", given->pluginFile, "the library, its manifest beside it")->required();
  check->add_option("--golden", given->golden, "recorded answers, a folder a case")->type_name("DIR");
  check->add_option("--service", given->service, "a service of the driver's: launched, too")->type_name("DIR");
  check->add_option("--seed", given->seed, "of the odd documents: the same seed, the same documents")
      ->capture_default_str()
      ->type_name("N");
  check->add_option("--documents", given->documents, "how many odd ones")
      ->check(CLI::Range(std::size_t{1}, limits::kMostOddDocuments))
      ->capture_default_str()
      ->type_name("N");
  check->add_option("--keep", given->keep, "calls that failed go here")->capture_default_str()->type_name("DIR");
  check->add_option("--result", given->result, "write what was found here")->type_name("FILE");
  check->add_option("--key", given->key, "sign that, into FILE.sig")->type_name("FILE.key");
  check->callback([&cli, given] { cli.command = [&cli, given] { return checkVerb(cli, *given); }; });

  auto replayed = std::make_shared<ReplayArguments>();
  CLI::App* replay = plugin.add_subcommand("replay", "make a call again that a check failed on");
  replay->add_option("FILE", replayed->file, "as plugin check kept it")->required();
  replay->add_option("LIB", replayed->pluginFile, "another library than the one it was made to");
  replay->callback([&cli, replayed] { cli.command = [&cli, replayed] { return replayVerb(cli, *replayed); }; });

  // Started by `check`, never by people: stays out of the list of verbs.
  auto job = std::make_shared<std::string>();
  CLI::App* inside = plugin.add_subcommand("inspect", "what runs a plugin for check")->group("");
  inside->add_option("FILE", *job, "")->required();
  inside->callback([&cli, job] {
    cli.command = [&cli, job]() -> Result<int> {
      TENON_CHECK(inspect(cli.adapter, cli.clock, cli.absolute(*job), cli.out));
      return 0;
    };
  });
}

}  // namespace tenon::host
