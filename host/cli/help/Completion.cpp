#include "host/cli/help/Completion.h"

#include <CLI/CLI.hpp>

namespace tenon::host {

namespace {

std::string words(const CLI::App& app) {
  std::string all;
  for (const auto* verb : subcommandsOf(app)) all += verb->get_name() + " ";
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) all += "--" + name + " ";
  }
  if (!all.empty()) all.pop_back();
  return all;
}

// "install) words=…" for every verb, two deep: `key gen` is known by both words.
std::string shellCases(const CLI::App& app, const std::string& before) {
  std::string cases;
  for (const auto* verb : subcommandsOf(app)) {
    cases += "    \"" + before + verb->get_name() + "\") words=\"" + words(*verb) + "\" ;;\n";
    cases += shellCases(*verb, before + verb->get_name() + " ");
  }
  return cases;
}

std::string bash(const CLI::App& app) {
  return "# source <(tenon completion bash)\n"
         "_tenon() {\n"
         "  local word path=\"\" words=\"\" i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    [[ $word == -* ]] || path+=\"${path:+ }$word\"\n"
         "  done\n"
         "  case \"$path\" in\n"
         "    \"\") words=\"" +
         words(app) + "\" ;;\n" + shellCases(app, "") +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o filenames -F _tenon tenon\n";
}

std::string zsh(const CLI::App& app) { return "#compdef tenon\nautoload -U +X bashcompinit && bashcompinit\n" + bash(app); }

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\'");
  return "'" + text + "'";
}

void fishVerbs(const CLI::App& app, const std::string& condition, std::string& script) {
  for (const auto* verb : subcommandsOf(app)) {
    script += "complete -c tenon -n '" + condition + "' -f -a " + verb->get_name() + " -d " +
              quoted(verb->get_description()) + "\n";
    const std::string within = "__fish_seen_subcommand_from " + verb->get_name();
    for (const auto* option : verb->get_options()) {
      for (const auto& name : option->get_lnames()) {
        script += "complete -c tenon -n '" + within + "' -l " + name + " -d " + quoted(option->get_description()) + "\n";
      }
    }
    fishVerbs(*verb, within, script);
  }
}

}  // namespace

std::vector<const CLI::App*> subcommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string completionScript(const CLI::App& app, std::string_view shell) {
  if (shell == "bash") return bash(app);
  if (shell == "zsh") return zsh(app);
  std::string script = "# tenon completion fish | source\n";
  fishVerbs(app, "__fish_use_subcommand", script);
  return script;
}

}  // namespace tenon::host
