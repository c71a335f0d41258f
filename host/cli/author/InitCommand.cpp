// init: a folder with a small service that runs at once.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <memory>
#include <ostream>
#include <set>

#include "host/adapter/AtomicFile.h"
#include "host/base/Text.h"
#include "host/cli/author/AuthorVerbs.h"
#include "host/cli/author/ServiceTemplates.h"
#include "host/contract/release/Release.h"

namespace tenon::host {

namespace {

struct InitArguments {
  std::string folder = ".", runtime, id;
};

std::set<std::string> runtimes() {
  std::set<std::string> names;
  for (const auto& file : serviceTemplates()) {
    if (!file.runtime.empty()) names.emplace(file.runtime);
  }
  return names;
}

// "./" and "/." say nothing, and a folder's name is wanted.
Path plainFolder(Cli& cli, const std::string& text) {
  std::string path = cli.absolute(text).text();
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) path.pop_back();
  return Path(path);
}

// "My Service" → "my-service".
Result<ServiceId> serviceIdFrom(std::string name) {
  for (char& c : name) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (!kept) c = '-';
  }
  auto id = ServiceId::parse(name);
  if (!id) return std::move(id).error().withHint("name the service with --id ID");
  return id;
}

using Replacements = std::vector<std::pair<std::string, std::string>>;

std::string filled(std::string_view text, const Replacements& replacements) {
  std::string out(text);
  for (const auto& [name, value] : replacements) out = replacedAll(std::move(out), name, value);
  return out;
}

Result<void> refuseOverwriting(Cli& cli, const Path& folder, const std::vector<TemplateFile>& files) {
  for (const auto& file : files) {
    if (!cli.files().exists(folder / file.path)) continue;
    return Error(ErrorCode::AlreadyExists, (folder / file.path).text() + " is there already")
        .withHint("tenon init makes a new service and overwrites nothing: name another folder");
  }
  return {};
}

Result<int> initialise(Cli& cli, const InitArguments& arguments) {
  const Path folder = plainFolder(cli, arguments.folder);
  TENON_TRY(const auto id,
            arguments.id.empty() ? serviceIdFrom(std::string(folder.name())) : ServiceId::parse(arguments.id));
  std::vector<TemplateFile> files;
  for (const auto& file : serviceTemplates()) {
    if (file.runtime.empty() || file.runtime == arguments.runtime) files.push_back(file);
  }
  TENON_CHECK(refuseOverwriting(cli, folder, files));
  const std::string platform = cli.adapter.facts().platforms.front();
  const Replacements replacements = {
      {"${SERVICE_ID}", id.text()}, {"${PLATFORM}", platform}, {"${EXE}", platform.starts_with("windows-") ? ".exe" : ""}};
  JsonArray written;
  std::string readme;
  for (const auto& file : files) {
    const std::string text = filled(file.text, replacements);
    const Path path = folder / file.path;
    TENON_CHECK(cli.files().makeFolders(path.parent()));
    TENON_CHECK(writeAtomically(cli.files(), path, text));
    written.add(file.path);
    if (file.path == "README.md") readme = text;
  }
  JsonObject answer;
  answer.set("service_id", id.text()).set("folder", folder.text()).set("platform", platform).set("files", written);
  cli.answer(answer, folder.text() + "\n" + readme);
  return 0;
}

}  // namespace

void addInitVerb(CLI::App& app, Cli& cli) {
  auto arguments = std::make_shared<InitArguments>();
  CLI::App* verb = app.add_subcommand("init", "make a folder with a small service that runs: tenon run FOLDER");
  verb->add_option("folder", arguments->folder, "default: this folder; nothing in it is overwritten")->type_name("FOLDER");
  verb->add_option("--runtime", arguments->runtime, "what it is written for")
      ->required()
      ->check(CLI::IsMember(runtimes()))
      ->type_name("NAME");
  verb->add_option("--id", arguments->id, "default: made of the folder's name")->type_name("ID");
  verb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return initialise(cli, *arguments); }; });
}

}  // namespace tenon::host
