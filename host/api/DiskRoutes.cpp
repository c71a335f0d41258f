// What takes the node's disk, and giving it back: /v1/gc, /v1/services/{id}/disk, /v1/services/{id}/prune.
#include "host/api/AgentApi.h"

namespace tenon::host {

namespace {

JsonObject toJson(const DiskUse& use) { return JsonObject().set("files", use.files).set("bytes", use.bytes); }

JsonObject toJson(const ReleaseDisk& disk, bool current) {
  JsonObject object;
  object.set("version", disk.release.version.text()).set("platform", disk.release.platform.text()).set("current", current);
  object.set("files", disk.all.files).set("bytes", disk.all.bytes).set("alone_bytes", disk.alone.bytes);
  object.set("shared_with_versions_bytes", disk.withVersions.bytes);
  return object.set("shared_with_services_bytes", disk.withServices.bytes);
}

Result<DiskUse> sumOf(const Result<DiskUse>& stored, const Result<DiskUse>& downloads) {
  if (!stored || !downloads) return (stored ? downloads : stored).error();
  return DiskUse{stored->files + downloads->files, stored->bytes + downloads->bytes};
}

}  // namespace

void AgentApi::addDiskRoutes(Router& router) {
  // Files that no release uses, and downloads that broke off.
  router.add("GET", "/v1/gc", [this](HttpRequest&, HttpReply& reply) {
    const auto garbage = sumOf(with_.life.collector.garbage(), with_.life.packages.downloads().left());
    if (!garbage) return reply.problem(garbage.error());
    reply.json(200, toJson(*garbage).set("collecting", with_.life.collector.isCollecting()).text());
  });
  router.add("POST", "/v1/gc", [this](HttpRequest&, HttpReply& reply) {
    const auto garbage = sumOf(with_.life.collector.garbage(), with_.life.packages.downloads().sweep());
    if (!garbage) return reply.problem(garbage.error());
    collectStore(with_.life);
    reply.json(202, toJson(*garbage).text());
  });
  router.add("GET", "/v1/services/{id}/disk", [this](HttpRequest& request, HttpReply& reply) {
    const auto id = ServiceId::parse(request.pathParameter("id"));
    if (!id) return reply.problem(id.error());
    const auto service = with_.life.registry.find(*id);
    if (!service) return reply.problem(Error{ErrorCode::NotFound, id->text() + " is not installed"});
    const auto disks = with_.life.collector.diskOf(*id);
    if (!disks) return reply.problem(disks.error());
    JsonArray rows;
    for (const auto& disk : *disks) rows.add(toJson(disk, service->current && service->current->release == disk.release));
    reply.json(200, JsonObject().set("service_id", id->text()).set("releases", rows).text());
  });
  router.add("GET", "/v1/services/{id}/prune", [this](HttpRequest& request, HttpReply& reply) {
    const auto id = ServiceId::parse(request.pathParameter("id"));
    const auto preview = id ? previewPrune(with_.life, *id) : Result<PrunePreview>(id.error());
    if (!preview) return reply.problem(preview.error());
    std::vector<std::string> versions;
    for (const auto& release : preview->releases) versions.push_back(release.version.text());
    reply.json(200, toJson(preview->gain).set("versions", versions).text());
  });
  router.add("POST", "/v1/services/{id}/prune", [this](auto& request, auto& reply) {
    answerChange(request, reply, "prune", [this](const ServiceId& service, const Json&) -> Result<Work> {
      return Work([this, service](ChangeRecorder& change) { with_.services.prune(change, service); });
    });
  });
}

}  // namespace tenon::host
