// validate: what is wrong with a service.json, and where; of a folder also what packing and running it would refuse.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>
#include <tuple>

#include "host/base/Log.h"
#include "host/base/Text.h"
#include "host/cli/author/AuthorVerbs.h"
#include "host/contract/Change.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/service/FlatForm.h"
#include "host/contract/service/ServiceNames.h"
#include "host/pack/Packer.h"

namespace tenon::host {

namespace {

struct Subject {
  std::string shown;  // the file, as people named it
  Path file;
  std::optional<Path> folder;  // where that was named
};

struct Findings {
  std::vector<Error> faults;  // with their places
  std::vector<std::string> notes;
};

Result<Subject> subjectOf(Cli& cli, const std::string& argument) {
  const Path path = cli.absolute(argument);
  TENON_TRY(const auto info, cli.files().inspect(path));
  if (info.kind != FileKind::Folder) return Subject{argument, path, std::nullopt};
  const std::string before = argument == "." ? "" : argument + (argument.ends_with('/') ? "" : "/");
  Subject subject{before + std::string(kServiceJsonName), path / kServiceJsonName, path};
  if (!cli.files().exists(subject.file)) {
    return Error(ErrorCode::NotFound, subject.shown + " is missing").withHint("tenon init makes a service to begin with");
  }
  return subject;
}

Error placed(const Json& document, Error error) {
  if (error.place() != TextPlace{}) return error;
  const TextPlace place = document.innermost(error.field()).place();
  return std::move(error).withPlace(place);
}

void checkPacking(Cli& cli, const Path& folder, const std::string& platform, std::vector<Error>& faults) {
  WorkerPool pool(1);
  const PackRequest request{.folder = folder, .workingFolder = folder, .platform = *PlatformId::parse(platform)};
  auto packed = Packer(cli.files(), pool).check(request);
  if (packed) return;
  const std::string within = packed.error().field();
  faults.push_back(std::move(packed).error().withField("platforms." + platform + (within.empty() ? "" : "." + within)));
}

// By the drivers of this machine, where it is made for it. What they lack is no fault of the folder.
void checkPlan(Cli& cli, const Path& folder, const ServiceManifest& manifest, Findings& findings) {
  const auto& mine = cli.adapter.facts().platforms;
  const auto isMade = [&](const std::string& platform) { return manifest.platforms.contains(platform); };
  if (std::none_of(mine.begin(), mine.end(), isMade)) return;
  const auto planned = cli.servers.plans({.folder = folder});
  if (planned) return;
  if (planned.error().code() == ErrorCode::PlanInvalid) return findings.faults.push_back(planned.error());
  findings.notes.push_back("no driver here can plan it: " + planned.error().message());
}

Findings findingsIn(Cli& cli, const Subject& subject, const std::string& text) {
  Findings findings{ServiceManifest::faults(text), {}};
  if (!findings.faults.empty()) return findings;
  const auto document = Json::parse(text);
  const auto manifest = ServiceManifest::parse(text);
  findings.faults = unknownNames(*document, *manifest);
  if (subject.folder) {
    // The flat form names no platform, so that it means all: of these, the one it would have been run on here.
    const auto& mine = cli.adapter.facts().platforms;
    const bool flat = isFlatForm(*document);
    if (flat) findings.notes.push_back("the flat form: looked at as a package for " + mine.front());
    for (const auto& [platform, variant] : manifest->platforms) {
      if (flat && platform != mine.front()) continue;
      checkPacking(cli, *subject.folder, platform, findings.faults);
    }
    checkPlan(cli, *subject.folder, *manifest, findings);
  }
  for (auto& fault : findings.faults) fault = placed(*document, std::move(fault));
  std::stable_sort(findings.faults.begin(), findings.faults.end(), [](const Error& a, const Error& b) {
    return std::tie(a.place().line, a.place().column) < std::tie(b.place().line, b.place().column);
  });
  return findings;
}

void print(Cli& cli, const Subject& subject, const Findings& findings) {
  for (const auto& fault : findings.faults) {
    const bool saysField = fault.code() == ErrorCode::FormatInvalid;  // the reader of service.json does
    cli.out << subject.shown << ':' << fault.place().line << ':' << fault.place().column << ": "
            << escapeControls((saysField ? "" : fault.field() + ": ") + fault.message()) << '\n';
    if (!fault.hint().empty()) cli.out << "  hint    " << escapeControls(fault.hint()) << '\n';
  }
  for (const auto& note : findings.notes) cli.out << "  note    " << escapeControls(note) << '\n';
  const auto faults = findings.faults.size();
  cli.out << (faults == 0 ? "ok  " + subject.shown : std::to_string(faults) + (faults == 1 ? " fault" : " faults")) << '\n';
}

void printJson(Cli& cli, const Subject& subject, const Findings& findings) {
  JsonArray faults, notes;
  for (const auto& fault : findings.faults) {
    JsonObject object = toJson(fault);
    object.set("line", static_cast<std::uint64_t>(fault.place().line));
    faults.add(object.set("column", static_cast<std::uint64_t>(fault.place().column)));
  }
  for (const auto& note : findings.notes) notes.add(note);
  JsonObject answer;
  answer.set("file", subject.file.text()).set("valid", findings.faults.empty()).set("faults", faults).set("notes", notes);
  cli.out << answer.text() << '\n';
}

Result<int> validate(Cli& cli, const std::string& argument) {
  TENON_TRY(const auto subject, subjectOf(cli, argument));
  TENON_TRY(const auto text, cli.files().readAll(subject.file, limits::kServiceJsonBytes));
  const auto findings = findingsIn(cli, subject, text);
  cli.isJson() ? printJson(cli, subject, findings) : print(cli, subject, findings);
  return findings.faults.empty() ? 0 : 1;
}

}  // namespace

void addValidateVerb(CLI::App& app, Cli& cli) {
  auto argument = std::make_shared<std::string>(".");
  CLI::App* verb = app.add_subcommand(
      "validate", "what is wrong with a service.json, by line and column; of a folder also what pack and run would refuse");
  verb->add_option("what", *argument, "default: this folder")->type_name("FOLDER|service.json");
  verb->callback([&cli, argument] { cli.command = [&cli, argument] { return validate(cli, *argument); }; });
}

}  // namespace tenon::host
