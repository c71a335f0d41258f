// POST /v1/plugins, DELETE /v1/plugins/{name}: the plugins that are installed on this node. GET and POST /v1/plugin-keys,
// POST /v1/plugin-keys/{id}/revoke: whose they may be.
#include "host/api/AgentApi.h"
#include "host/contract/Change.h"
#include "host/lifecycle/preview/DriverPreview.h"

namespace tenon::host {

namespace {

JsonObject toJson(const VendorKey& key) {
  JsonObject minimum, row;
  for (const auto& [plugin, version] : key.minimum) minimum.set(plugin, version.text());
  row.set("key_id", key.id()).set("name", key.name).set("provides", key.provides).set("in_process", key.inProcess);
  row.set("expires", key.expires ? formatTime(*key.expires) : "").set("minimum", minimum);
  return row.set("revoked", key.revoked);
}

JsonObject toJson(const InstalledPlugin& plugin) {
  JsonObject object;
  object.set("name", plugin.manifest.name).set("version", plugin.manifest.version).set("provides", plugin.manifest.provides);
  return object.set("signed_by", plugin.signedBy)
      .set("new", plugin.isNew)
      .set("replaced", plugin.replaced)
      .set("rivals", plugin.rivals);
}

// Who may use this API may not thereby run code as the agent's user: that takes whoever may write the agent's folder.
Result<VendorKey> keyFrom(const Json& body) {
  TENON_TRY(auto key, VendorKey::read(body));
  if (!key.inProcess) return key;
  return Error(ErrorCode::Denied, "plugins that run in the agent itself are not allowed by its API")
      .withHint("stop the agent, tenon plugin trust FILE.pub --in-process, start it; its services run on meanwhile")
      .withField("in_process");
}

}  // namespace

Result<JsonObject> AgentApi::previewPlugin(const Path& library) {
  TENON_TRY(const auto driver, with_.plugins.tryOut(library));
  JsonArray rows;
  for (const auto& each : previewDriver(with_.life, *driver)) rows.add(each.toJson());
  const auto& manifest = driver->manifest();
  JsonObject answer;
  answer.set("name", manifest.name).set("version", manifest.version).set("provides", manifest.provides);
  return answer.set("services", rows);
}

void AgentApi::addPluginRoutes(Router& router) {
  router.add("POST", "/v1/plugins", [this](HttpRequest& request, HttpReply& reply) {
    const auto install = [&]() -> Result<JsonObject> {
      TENON_TRY(const auto body, readBody(request));
      TENON_TRY(const auto library, absolutePath(body, "library"));
      if (library.empty()) return Error(ErrorCode::Usage, "library: missing").withField("library");
      TENON_TRY(const bool dryRun, body.booleanOr("dry_run", false));
      if (dryRun) return previewPlugin(library);
      PluginInstallOptions options;
      TENON_TRY(options.allowDowngrade, body.booleanOr("allow_downgrade", false));
      TENON_TRY(options.beside, body.booleanOr("beside", false));
      TENON_TRY(const auto installed, with_.plugins.install(library, options));
      if (installed.isNew) {
        with_.life.events.record({.type = "plugin-installed",
                                  .service = "",
                                  .why = installed.manifest.title(),
                                  .details = {{"signed_by", installed.signedBy}}});
      }
      return toJson(installed);
    };
    const auto done = install();
    if (!done) return reply.problem(done.error());
    reply.json(200, done->text());
  });
  router.add("DELETE", "/v1/plugins/{name}", [this](HttpRequest& request, HttpReply& reply) {
    const std::string plugin = request.pathParameter("name"), version = request.query("version");
    const auto removed = with_.plugins.remove(plugin, version.empty() ? std::nullopt : std::optional<std::string>(version));
    if (!removed) return reply.problem(removed.error());
    for (const auto& each : *removed) {
      with_.life.events.record({.type = "plugin-removed", .service = "", .why = plugin + " " + each});
    }
    reply.json(200, JsonObject().set("name", plugin).set("removed", *removed).text());
  });
  router.add("GET", "/v1/plugin-keys", [this](HttpRequest&, HttpReply& reply) {
    JsonArray rows;
    for (const auto& key : with_.plugins.keys()) rows.add(toJson(key));
    reply.json(200, JsonObject().set("keys", rows).text());
  });
  router.add("POST", "/v1/plugin-keys", [this](HttpRequest& request, HttpReply& reply) {
    const auto trust = [&]() -> Result<VendorKey> {
      TENON_TRY(const auto body, readBody(request));
      TENON_TRY(auto key, keyFrom(body));
      TENON_CHECK(with_.plugins.trust(key));
      return key;
    };
    const auto key = trust();
    if (!key) return reply.problem(key.error());
    with_.life.events.record({.type = "vendor-key-trusted", .service = "", .why = key->id()});
    reply.json(200, toJson(*key).text());
  });
  router.add("POST", "/v1/plugin-keys/{id}/revoke", [this](HttpRequest& request, HttpReply& reply) {
    const std::string id = request.pathParameter("id");
    if (const auto revoked = with_.plugins.revoke(id); !revoked) return reply.problem(revoked.error());
    with_.life.events.record({.type = "vendor-key-revoked", .service = "", .why = id});
    reply.json(200, JsonObject().set("key_id", id).text());
  });
}

}  // namespace tenon::host
