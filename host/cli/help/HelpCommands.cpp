// explain, completion and manual.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/base/Json.h"
#include "host/cli/Cli.h"
#include "host/cli/CommandLine.h"
#include "host/cli/help/Completion.h"
#include "host/cli/help/ErrorPages.h"
#include "host/cli/help/Manual.h"
#include "host/conformance/CheckPages.h"

namespace tenon::host {

namespace {

std::vector<std::string> allCodes() {
  std::vector<std::string> codes;
#define TENON_CODE_NAME(id, text, http, exit) codes.emplace_back(text);
  TENON_ERROR_CODES(TENON_CODE_NAME)
#undef TENON_CODE_NAME
  return codes;
}

std::vector<std::string> allWords() {
  std::vector<std::string> words = allCodes();
  for (const auto& page : checkPages()) words.emplace_back(page.id);
  return words;
}

// A check of `tenon plugin check`.
int explainCheck(Cli& cli, const CheckPage& page) {
  JsonObject object;
  object.set("check", page.id).set("proves", page.proves).set("means", page.means).set("mend", page.mend);
  cli.answer(object, std::string(page.id) + "\n\n  proves  " + std::string(page.proves) + "\n  means   " +
                         std::string(page.means) + "\n  mend    " + std::string(page.mend));
  return 0;
}

Result<int> explain(Cli& cli, const std::string& word) {
  if (word.empty()) {
    for (const auto& each : allWords()) cli.out << each << '\n';
    return 0;
  }
  if (word == "all-as-markdown" || word == "checks-as-markdown") {
    cli.out << (word == "all-as-markdown" ? errorPagesAsMarkdown() : checkPagesAsMarkdown());
    return 0;
  }
  if (const CheckPage* page = checkPage(word)) return explainCheck(cli, *page);
  const auto code = errorCodeNamed(word);
  if (!code) {
    Error unknown{ErrorCode::NotFound, "no error has the code " + word + ", and no check that id"};
    const std::string meant = nearest(word, allWords());
    return meant.empty() ? unknown.withHint("tenon explain lists them") : unknown.withHint("did you mean " + meant + "?");
  }
  const ErrorPage& page = errorPage(*code);
  if (cli.isJson()) {
    JsonObject object;
    object.set("code", word).set("what", page.what).set("why", page.why).set("next", page.next);
    object.set("http_status", httpStatus(*code)).set("exit_status", exitStatus(*code));
    cli.out << object.text() << '\n';
    return 0;
  }
  cli.out << word << "   exit status " << exitStatus(*code) << "\n\n  what  " << page.what << "\n  why   " << page.why
          << "\n  next  " << page.next << '\n';
  return 0;
}

}  // namespace

void addHelpCommands(CLI::App& app, Cli& cli) {
  auto word = std::make_shared<std::string>();
  CLI::App* explainVerb =
      app.add_subcommand("explain", "what an error code, or a check of a plugin, means and what to do about it");
  explainVerb->add_option("code", *word, "without one: all of them")->type_name("CODE");
  explainVerb->callback([&cli, word] { cli.command = [&cli, word] { return explain(cli, *word); }; });

  auto shell = std::make_shared<std::string>();
  CLI::App* completionVerb =
      app.add_subcommand("completion", "a script that completes tenon's words: source <(tenon completion bash)");
  completionVerb->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  completionVerb->callback([&app, &cli, shell] {
    cli.command = [&app, &cli, shell]() -> Result<int> {
      cli.out << completionScript(app, *shell);
      return 0;
    };
  });

  app.add_subcommand("manual", "the manual page: tenon manual | man -l -")->callback([&app, &cli] {
    cli.command = [&app, &cli]() -> Result<int> {
      cli.out << manualPage(app);
      return 0;
    };
  });
}

}  // namespace tenon::host
