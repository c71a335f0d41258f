// GET /v1/trust: whom this node believes. GET and POST /v1/keys, POST /v1/keys/{id}/revoke: mode `keys`.
#include "host/api/AgentApi.h"
#include "host/contract/Change.h"

namespace tenon::host {

namespace {

JsonArray keysOf(const RootDocument& root) {
  JsonArray rows;
  for (const auto& [id, key] : root.keys) {
    std::vector<std::string> roles;
    for (const auto& [roleName, role] : kTrustRoles) {
      if (root.role(role).keys.contains(id)) roles.emplace_back(roleName);
    }
    JsonObject row;
    row.set("key_id", id).set("roles", roles).set("alias", "").set("source", "root " + std::to_string(root.version));
    rows.add(row.set("revoked", false));
  }
  for (const auto& id : root.revokedKeys) {
    JsonObject row;
    row.set("key_id", id).set("roles", std::vector<std::string>{}).set("alias", "");
    rows.add(row.set("source", "root " + std::to_string(root.version)).set("revoked", true));
  }
  return rows;
}

JsonArray keysOf(const std::vector<TrustedKey>& keys) {
  JsonArray rows;
  for (const auto& key : keys) {
    JsonObject row;
    row.set("key_id", key.id).set("roles", std::vector<std::string>{"release"}).set("alias", key.alias);
    rows.add(row.set("source", key.source).set("revoked", key.revoked));
  }
  return rows;
}

JsonArray indexesOf(const TrustFloors& floors) {
  JsonArray rows;
  for (const auto& floor : floors.indexes) {
    JsonObject row;
    row.set("platform", floor.platform.text()).set("sequence", floor.sequence).set("issued", formatTime(floor.issued));
    rows.add(row.set("signed_by", floor.signedBy));
  }
  return rows;
}

JsonObject toJson(const TrustStatus& status) {
  JsonObject answer;
  answer.set("mode", status.byRoot ? "root" : "keys");
  answer.set("keys", status.root ? keysOf(*status.root) : keysOf(status.keys));
  JsonObject thresholds;
  JsonArray revoked;
  if (status.root) {
    answer.set("root_version", status.root->version);
    for (const auto& [roleName, role] : kTrustRoles) {
      thresholds.set(roleName, std::uint64_t{status.root->role(role).threshold});
    }
    for (const auto& [service, version] : status.root->revokedReleases) {
      revoked.add(JsonObject().set("service_id", service).set("version", version));
    }
  }
  answer.set("thresholds", thresholds).set("revoked_releases", revoked).set("indexes", indexesOf(status.floors));
  if (status.fault) answer.set("fault", tenon::host::toJson(*status.fault));
  return answer;
}

}  // namespace

void AgentApi::addTrustRoutes(Router& router) {
  router.add("GET", "/v1/trust",
             [this](HttpRequest&, HttpReply& reply) { reply.json(200, toJson(with_.life.trust.status()).text()); });
  router.add("GET", "/v1/keys", [this](HttpRequest&, HttpReply& reply) {
    const auto status = with_.life.trust.status();
    reply.json(200, JsonObject().set("keys", status.root ? keysOf(*status.root) : keysOf(status.keys)).text());
  });
  router.add("POST", "/v1/keys", [this](HttpRequest& request, HttpReply& reply) {
    const auto trust = [&]() -> Result<std::string> {
      TENON_TRY(const auto body, readBody(request));
      TENON_TRY(const auto member, body.member("public_key"));
      TENON_TRY(const auto key, member.string());
      return with_.life.trust.trustKey(key);
    };
    const auto id = trust();
    if (!id) return reply.problem(id.error());
    with_.life.events.record({.type = "key-trusted", .service = "", .why = *id});
    reply.json(200, JsonObject().set("key_id", *id).text());
  });
  router.add("POST", "/v1/keys/{id}/revoke", [this](HttpRequest& request, HttpReply& reply) {
    const std::string id = request.pathParameter("id");
    if (const auto revoked = with_.life.trust.revokeKey(id); !revoked) return reply.problem(revoked.error());
    with_.life.events.record({.type = "key-revoked", .service = "", .why = id});
    reply.json(200, JsonObject().set("key_id", id).text());
  });
}

}  // namespace tenon::host
