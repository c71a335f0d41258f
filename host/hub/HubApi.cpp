#include "host/hub/HubApi.h"

#include "host/http/wire/FileBody.h"

namespace tenon::host {
namespace {

constexpr std::string_view kOneRelease = "/api/services/{id}/{version}/{platform}";
constexpr std::string_view kStorage = "/storage/services/{id}/{version}/{platform}/";

// Absent is no filter; what can name nothing is an error, not an empty list.
template <class T>
Result<std::optional<T>> filterBy(const HttpRequest& request, std::string_view name) {
  const std::string text = request.query(name);
  if (text.empty()) return std::optional<T>();
  auto value = T::parse(text);
  if (!value) return Error(ErrorCode::Usage, value.error().message()).withField(std::string(name));
  return std::optional<T>(*std::move(value));
}

Result<HubFilter> filterOf(const HttpRequest& request) {
  HubFilter filter;
  TENON_TRY(filter.service, filterBy<ServiceId>(request, "service_id"));
  TENON_TRY(filter.platform, filterBy<PlatformId>(request, "platform"));
  TENON_TRY(filter.version, filterBy<SemVer>(request, "version"));
  const std::string channel = request.query("channel");
  if (channel.empty()) return filter;
  if (!isChannel(channel)) return Error(ErrorCode::Usage, "'" + channel + "' is no channel").withField("channel");
  filter.channel = channel;
  return filter;
}

}  // namespace

Router HubApi::routes() {
  Router router;
  router.add("GET", "/health", [](HttpRequest&, HttpReply& reply) { reply.json(200, R"({"status":"OK"})"); });
  router.add("GET", "/api/services", [this](HttpRequest& request, HttpReply& reply) { list(request, reply); });
  router.add("GET", kOneRelease, [this](HttpRequest& request, HttpReply& reply) { variant(request, reply); });
  router.add("POST", "/v1/uploads", [this](HttpRequest& request, HttpReply& reply) { upload_.answer(request, reply); });
  const auto serve = [&](std::string_view file, std::string_view type) {
    router.add("GET", std::string(kStorage) + std::string(file),
               [this, file, type](HttpRequest& request, HttpReply& reply) { download(request, reply, file, type); });
  };
  serve(kServiceZipName, "application/zip");
  serve(kManifestName, "text/plain; charset=utf-8");
  serve(kManifestSignatureName, "text/plain; charset=utf-8");
  serve(kServiceJsonName, "application/json");
  addTrustRoutes(router);
  return router;
}

void HubApi::list(const HttpRequest& request, HttpReply& reply) {
  const auto filter = filterOf(request);
  if (!filter) return reply.problem(filter.error());
  const auto listing = catalog_.list(*filter);
  reply.header("ETag", "\"" + listing->etag + "\"");
  if (matchesEtag(request.header("If-None-Match"), listing->etag)) return reply.empty(304);
  reply.json(200, listing->json);
}

void HubApi::variant(const HttpRequest& request, HttpReply& reply) {
  const auto release = named(request);
  if (!release) return reply.problem(release.error());
  reply.json(200, toVariant(*release).toJson().text());
}

void HubApi::download(const HttpRequest& request, HttpReply& reply, std::string_view file, std::string_view type) {
  const auto release = named(request);
  if (!release) return reply.problem(release.error());
  const bool isZip = file == kServiceZipName;
  if (!isZip && file != kServiceJsonName && !release->manifestSha256) {
    return reply.problem(Error(ErrorCode::NotFound, release->release.text() + " has no MANIFEST"));
  }
  const std::string etag = isZip ? release->etag() : release->etag() + "-" + std::string(file);
  reply.file(store_.folder(release->release) / file, type, etag);
}

Result<HubRelease> HubApi::named(const HttpRequest& request) const {
  const auto id = ServiceId::parse(request.pathParameter("id"));
  const auto version = SemVer::parse(request.pathParameter("version"));
  const auto platform = PlatformId::parse(request.pathParameter("platform"));
  const Error absent(ErrorCode::NotFound, "the hub has no " + request.pathParameter("id") + " " +
                                              request.pathParameter("version") + " " + request.pathParameter("platform"));
  if (!id || !version || !platform) return absent;
  auto release = catalog_.find({*id, *version, *platform});
  if (!release) return absent;
  return *std::move(release);
}

}  // namespace tenon::host
