// GET /v1/root/{n}.json, /v1/index/{platform}.json, each with .sig; POST /v1/root and …/yank for those who have the token.
#include <charconv>

#include "host/base/Json.h"
#include "host/hub/HubApi.h"

namespace tenon::host {
namespace {

constexpr std::string_view kDocumentSuffix = ".json";

// "linux-x64.json" or "linux-x64.json.sig"
struct Asked {
  std::string name;
  bool signatures = false;
};

std::optional<Asked> askedOf(std::string file) {
  Asked asked;
  asked.signatures = file.ends_with(kSignatureSuffix);
  if (asked.signatures) file.resize(file.size() - std::string_view(kSignatureSuffix).size());
  if (!file.ends_with(kDocumentSuffix)) return std::nullopt;
  asked.name = file.substr(0, file.size() - kDocumentSuffix.size());
  return asked;
}

// A root has one address: "7" and no "007".
std::optional<std::uint64_t> versionNamed(const std::string& text) {
  std::uint64_t version = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  if (read.ec != std::errc() || text != std::to_string(version)) return std::nullopt;
  return version;
}

void answer(const Asked& asked, const SignedText& document, HttpReply& reply) {
  reply.header("Cache-Control", "no-cache");
  if (asked.signatures) return reply.text(200, "text/plain; charset=utf-8", document.signatures);
  reply.json(200, document.text);
}

Error noSuchDocument(const HttpRequest& request) { return {ErrorCode::NotFound, "nothing is at " + request.path()}; }

}  // namespace

void HubApi::addTrustRoutes(Router& router) {
  router.add("GET", "/v1/root/{file}", [this](HttpRequest& request, HttpReply& reply) {
    const auto asked = askedOf(request.pathParameter("file"));
    const auto version = asked ? versionNamed(asked->name) : std::nullopt;
    if (!version) return reply.problem(noSuchDocument(request));
    const auto document = trust_.root(*version);
    if (!document) return reply.problem(document.error());
    answer(*asked, *document, reply);
  });
  router.add("GET", "/v1/index/{file}", [this](HttpRequest& request, HttpReply& reply) {
    const auto asked = askedOf(request.pathParameter("file"));
    const auto platform = asked ? PlatformId::parse(asked->name) : Error(noSuchDocument(request));
    if (!platform) return reply.problem(noSuchDocument(request));
    const auto document = trust_.index(*platform);
    if (!document) return reply.problem(document.error());
    answer(*asked, **document, reply);
  });
  router.add("POST", "/v1/root", [this](HttpRequest& request, HttpReply& reply) {
    const auto taken = takeRoot(request);
    if (!taken) return reply.problem(taken.error());
    reply.json(*taken ? 201 : 200, R"({"status":"OK"})");
  });
  router.add("POST", "/v1/services/{id}/{version}/{platform}/yank", [this](HttpRequest& request, HttpReply& reply) {
    const auto yanked = yank(request);
    if (!yanked) return reply.problem(yanked.error());
    reply.json(200, JsonObject().set("yanked", *yanked).text());
  });
}

Result<void> HubApi::mayPublish(const HttpRequest& request) const {
  if (token_.allows(request.header("Authorization"))) return {};
  return Error(ErrorCode::Unauthenticated, "that needs the hub's token")
      .withHint("the hub printed the path of its token file when it started");
}

// {"root": <the document's text>, "signatures": <the text of its .sig>}
Result<bool> HubApi::takeRoot(HttpRequest& request) {
  TENON_CHECK(mayPublish(request));
  TENON_TRY(const auto text, request.body(2 * limits::kRootBytes));
  TENON_TRY(const auto body, Json::parse(text));
  SignedText root;
  TENON_TRY(const auto document, body.member("root"));
  TENON_TRY(root.text, document.string());
  TENON_TRY(const auto signatures, body.member("signatures"));
  TENON_TRY(root.signatures, signatures.string());
  return trust_.take(root);
}

// {"yanked": true | false}
Result<bool> HubApi::yank(HttpRequest& request) {
  TENON_CHECK(mayPublish(request));
  TENON_TRY(const auto text, request.body(limits::kHttpJsonBodyBytes));
  TENON_TRY(const auto body, Json::parse(text));
  const std::lock_guard lock(yanking_);
  TENON_TRY(auto release, named(request));
  TENON_TRY(release.yanked, body.booleanOr("yanked", true));
  TENON_CHECK(store_.rewrite(release));
  catalog_.replace(release);
  return release.yanked;
}

}  // namespace tenon::host
