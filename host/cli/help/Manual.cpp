#include "host/cli/help/Manual.h"

#include <CLI/CLI.hpp>
#include <map>

#include "host/base/ErrorCode.h"
#include "host/base/Text.h"
#include "host/cli/help/Completion.h"

namespace tenon::host {

namespace {

// Text that means nothing to the formatter: a backslash, a hyphen that is to be copied, and what begins a line.
std::string plain(std::string_view text) {
  std::string all = replacedAll(replacedAll(std::string(text), "\\", "\\e"), "-", "\\-");
  return all.starts_with('.') || all.starts_with('\'') ? "\\&" + all : all;
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + plain(text) + "\\fR"; }

// "N" of "N:INT in [1 - 9]": what is checked stands behind a colon, but for that of an address. Of a flag nothing.
std::string placeholderOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (option.get_expected_max() == 0) return "";
  return type == "HOST:PORT" ? type : type.substr(0, type.find(':'));
}

// "-o, --output FORMAT", or the name of what stands without one.
std::string spelling(const CLI::Option& option) {
  if (!option.nonpositional()) return italic(placeholderOf(option));
  std::string all;
  const auto add = [&all](const std::string& name) { all += (all.empty() ? "" : ", ") + bold(name); };
  for (const auto& name : option.get_snames()) add("-" + name);
  for (const auto& name : option.get_lnames()) add("--" + name);
  const std::string placeholder = placeholderOf(option);
  return placeholder.empty() ? all : all + " " + italic(placeholder);
}

void describe(const CLI::Option& option, std::string& page) {
  page += ".TP\n" + spelling(option) + "\n" + plain(option.get_description());
  if (!option.get_envname().empty()) page += " (or by " + bold(option.get_envname()) + ")";
  page += '\n';
}

void describe(const CLI::App& verb, const std::string& before, std::string& page) {
  const std::string words = before + verb.get_name();
  page += ".SS " + plain(words);
  for (const auto* option : verb.get_options()) {
    if (option->nonpositional()) continue;
    const std::string placeholder = plain(placeholderOf(*option));
    page += option->get_required() ? " " + placeholder : " [" + placeholder + "]";
  }
  page += "\n" + plain(verb.get_description()) + "\n";
  for (const auto* option : verb.get_options()) {
    const bool isHelp = option->get_lnames() == std::vector<std::string>{"help"};
    if (!isHelp && !option->get_description().empty()) describe(*option, page);
  }
  for (const auto* verbWithin : subcommandsOf(verb)) describe(*verbWithin, words + " ", page);
}

// Those of the errors that `tenon explain` knows, by number.
void describeExits(std::string& page) {
  std::map<int, std::string> codes;
#define TENON_EXIT_OF(id, text, http, exit) codes[exit] += (codes[exit].empty() ? "" : ", ") + plain(text);
  TENON_ERROR_CODES(TENON_EXIT_OF)
#undef TENON_EXIT_OF
  codes[0] = "done";
  codes[3] = "an upgrade failed, and the release before serves again";
  page += ".SH EXIT STATUS\n";
  for (const auto& [status, names] : codes) page += ".TP\n" + std::to_string(status) + "\n" + names + "\n";
  page += ".PP\n" + bold("tenon explain") + " " + italic("CODE") + " tells what one means and what to do about it.\n";
}

}  // namespace

std::string manualPage(const CLI::App& app) {
  std::string page = ".TH TENON 1 \"\" \"tenon " TENON_VERSION "\"\n.SH NAME\ntenon \\- installs and runs services\n";
  page += ".SH SYNOPSIS\n" + bold("tenon") + " [" + italic("options") + "] " + italic("verb") + " …\n";
  page += ".SH DESCRIPTION\n" + plain(app.get_description()) + "\n.SH OPTIONS\nThey stand before the verb or behind it.\n";
  for (const auto* option : app.get_options()) describe(*option, page);
  page += ".SH VERBS\n";
  for (const auto* verb : subcommandsOf(app)) describe(*verb, "", page);
  describeExits(page);
  return page;
}

}  // namespace tenon::host
