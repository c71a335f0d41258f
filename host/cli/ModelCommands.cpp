// Verbs about a hub's models: models list, models pull. They need no agent.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "host/adapter/AtomicFile.h"
#include "host/base/Log.h"
#include "host/cli/Cli.h"
#include "host/cli/Printing.h"
#include "host/http/HttpClient.h"
#include "host/package/Downloader.h"
#include "host/package/HubClient.h"

namespace tenon::host {

namespace {

struct ModelArguments {
  std::string spec, hub, output;
};

JsonObject described(const HubModel& model, const HubModelVersion& version) {
  JsonObject object;
  object.set("id", model.id).set("version", version.version).set("task", model.task);
  object.set("files", static_cast<std::uint64_t>(version.files.size())).set("size_bytes", version.sizeBytes());
  return object;
}

Result<int> list(Cli& cli, const ModelArguments& arguments) {
  PocoHttpClient http(cli.way());
  TENON_TRY(auto hub, HubClient::create(http, arguments.hub));
  TENON_TRY(const auto models, hub.models());
  std::vector<std::vector<std::string>> rows;
  JsonArray all;
  for (const auto& model : models) {
    for (const auto& version : model.versions) {
      all.add(described(model, version));
      rows.push_back({escapeControls(model.id), escapeControls(version.version),
                      version.version == model.defaultVersion ? "default" : "", escapeControls(model.task),
                      formatBytes(version.sizeBytes()), std::to_string(version.files.size())});
    }
  }
  if (cli.isJson()) {
    JsonObject answer;
    answer.set("models", std::move(all));
    cli.out << answer.text() << '\n';
    return 0;
  }
  printTable(cli.out, {"MODEL", "VERSION", "", "TASK", "SIZE", "FILES"}, rows);
  return 0;
}

Result<const HubModel*> find(const std::vector<HubModel>& models, const std::string& id) {
  std::vector<std::string> known;
  for (const auto& model : models) {
    if (model.id == id) return &model;
    known.push_back(model.id);
  }
  const auto close = nearest(id, known);
  return Error(ErrorCode::NotFound, "the hub has no model \"" + escapeControls(id) + "\"")
      .withHint(close.empty() ? "tenon models list" : "did you mean " + escapeControls(close) + "?");
}

Result<void> pullFile(Cli& cli, Downloader& downloader, std::string url, const HubModelFile& file, const Path& to) {
  TENON_CHECK(cli.files().makeFolders(to.parent()));
  if (file.sizeBytes == 0) return writeAtomically(cli.files(), to, "");
  if (!file.sha256) {
    return Error(ErrorCode::ContentMismatch,
                 "the hub lists no hash of " + escapeControls(file.path) + ": what comes could not be checked")
        .withHint("whoever runs the hub can list one in checksum_sha256");
  }
  const std::atomic<bool> never{false};
  TENON_CHECK(downloader.download({std::move(url), to, file.sizeBytes, *file.sha256, ""}, never,
                                  cli.progressLine(escapeControls(file.path))));
  return {};
}

// What service.json says to have these files on a node without packing them.
JsonObject reference(const HubModel& model, const HubModelVersion& version) {
  JsonArray files;
  for (const auto& file : version.files) {
    if (!file.sha256 || file.sizeBytes == 0) continue;
    JsonObject entry;
    entry.set("path", file.path).set("sha256", file.sha256->hex()).set("size", file.sizeBytes);
    files.add(std::move(entry));
  }
  JsonObject object;
  object.set("id", model.id).set("version", version.version).set("files", std::move(files));
  return object;
}

Result<int> pull(Cli& cli, const ModelArguments& arguments) {
  const auto at = arguments.spec.find('@');
  const auto id = arguments.spec.substr(0, at);
  PocoHttpClient http(cli.way());
  TENON_TRY(auto hub, HubClient::create(http, arguments.hub));
  TENON_TRY(const auto models, hub.models());
  TENON_TRY(const auto* model, find(models, id));
  TENON_TRY(const auto* version, model->choose(at == std::string::npos ? "" : arguments.spec.substr(at + 1)));
  const Path folder = cli.absolute(arguments.output.empty() ? model->id + "-" + version->version : arguments.output);
  Downloader downloader(cli.files(), http, cli.clock);
  for (const auto& file : version->files) {
    auto url = hub.modelUrl(model->id, version->version, file.path);
    TENON_CHECK(withContext("pull " + model->id + " " + version->version,
                            pullFile(cli, downloader, std::move(url), file, folder / file.path)));
  }
  auto answer = described(*model, *version);
  answer.set("folder", folder.text()).set("reference", reference(*model, *version));
  cli.answer(answer, folder.text() + "\n  " + std::to_string(version->files.size()) + " files, " +
                         formatBytes(version->sizeBytes()) + "   for service.json: \"models\": [" +
                         reference(*model, *version).text() + "]");
  return 0;
}

}  // namespace

void addModelCommands(CLI::App& app, Cli& cli) {
  CLI::App* models = app.add_subcommand("models", "models that a hub keeps, for packages that name them");
  models->require_subcommand(1);
  auto arguments = std::make_shared<ModelArguments>();
  CLI::App* listVerb = models->add_subcommand("list", "what models a hub has");
  addHubOption(*listVerb, arguments->hub)->required();
  listVerb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return list(cli, *arguments); }; });
  CLI::App* pullVerb =
      models->add_subcommand("pull", "bring a model's files here, checked, and say how service.json names them");
  pullVerb->add_option("model", arguments->spec, "")->required()->type_name("ID[@VERSION]");
  addHubOption(*pullVerb, arguments->hub)->required();
  pullVerb->add_option("-o,--out", arguments->output, "default: <id>-<version>")->type_name("FOLDER");
  pullVerb->callback([&cli, arguments] { cli.command = [&cli, arguments] { return pull(cli, *arguments); }; });
}

}  // namespace tenon::host
