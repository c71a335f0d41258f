#include "host/pack/Publisher.h"

#include <algorithm>
#include <optional>

#include "host/base/Limits.h"
#include "host/contract/Change.h"
#include "host/contract/release/ReleaseIndex.h"
#include "host/pack/Signer.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::size_t kSignatureFileBytes = 16 * limits::KiB;
// kOk: the hub has these very bytes already.
constexpr int kOk = 200, kCreated = 201, kUnauthenticated = 401, kDenied = 403;

// What a header can carry; a token file that holds more is a wrong file.
bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::string> checkedHub(const HubAccess& access) {
  std::string hub = access.hub;
  while (hub.ends_with('/')) hub.pop_back();
  if (!hub.starts_with("http://") && !hub.starts_with("https://")) {
    return Error(ErrorCode::Usage, "\"" + access.hub + "\" is no hub").withHint("--hub http://HOST:PORT");
  }
  if (!isToken(access.token)) {
    return Error(ErrorCode::Usage, "the token is empty, or no token")
        .withHint("tenon hub serve prints the path of its token file");
  }
  return hub;
}

// FILE.sig.json as one line, or nothing where there is none. One that is not of this file is refused here, before a byte is
// sent.
Result<std::string> readSignature(Files& files, const Path& package, const ReadFile& zip) {
  const Path file = artifactSignatureFile(package);
  const auto text = files.readAll(file, kSignatureFileBytes);
  if (!text && text.error().code() == ErrorCode::NotFound) return std::string();
  if (!text) return Error(text.error());
  TENON_TRY(const Json json, withContext(file.text(), Json::parse(*text)));
  TENON_TRY(const ArtifactSignature signature, withContext(file.text(), ArtifactSignature::parse(json)));
  TENON_TRY(const Digest hash, sha256Of(zip));
  if (signature.sha256 != hash) {
    return Error(ErrorCode::BindingMismatch, file.text() + " is the signature of another file than " + package.name())
        .withHint("pack or sign it again; both write that file anew");
  }
  return json.text();
}

// The problem document that a hub answers with, where it is one.
std::optional<Error> problemIn(std::string_view body) {
  const auto json = Json::parse(body);
  if (!json || !json->isObject()) return std::nullopt;
  auto problem = errorFromJson(*json);
  if (!problem) return std::nullopt;
  return *std::move(problem);
}

Error refusal(const HttpResponse& response, const std::string& hub) {
  if (auto problem = problemIn(response.body)) return *std::move(problem);
  if (response.status == kUnauthenticated) {
    return Error(ErrorCode::Unauthenticated, hub + " does not know this token")
        .withHint("--token-file names the file that the hub printed");
  }
  if (response.status == kDenied) return Error(ErrorCode::Denied, hub + " does not let this token publish");
  return Error(ErrorCode::NetworkProtocol,
               hub + " answered " + std::to_string(response.status) + ", which says nothing about the package")
      .withHint("is it a Model Hub? GET " + hub + "/health answers {\"status\":\"OK\"} there");
}

Result<std::string> urlFrom(const HttpResponse& response, const std::string& hub) {
  const auto json = Json::parse(response.body);
  const auto member = json ? json->find("url") : std::nullopt;
  const auto url = member ? member->string() : Result<std::string>(Error(ErrorCode::NetworkProtocol, ""));
  if (!url || url->empty()) return Error(ErrorCode::NetworkProtocol, hub + " took the package, but did not say where it is");
  return url->starts_with('/') ? hub + *url : *url;
}

}  // namespace

Result<std::string> Publisher::publish(const PublishRequest& request, const Progress& progress) {
  TENON_TRY(const std::string hub, checkedHub({request.hub, request.token}));
  if (!isChannel(request.channel)) {
    return Error(ErrorCode::Usage, "\"" + request.channel + "\" is no channel")
        .withHint("a channel is made of a-z, 0-9 and '-'");
  }
  TENON_TRY(const ReadFile zip, withContext("publish", ReadFile::open(files_, request.file)));
  TENON_TRY(const std::string signature, readSignature(files_, request.file, zip));

  HttpRequestOptions post;
  post.method = "POST";
  post.url = hub + "/v1/uploads?channel=" + request.channel;
  post.headers = {{"Authorization", "Bearer " + request.token}, {"Content-Type", "application/zip"}};
  if (!signature.empty()) post.headers.emplace_back("Tenon-Artifact-Signature", toBase64(signature));
  post.redirects = 0;  // the body is read once, and the token is for this hub alone
  post.bodyBytes = zip.size();
  std::uint64_t sent = 0;
  post.bodySource = [&](char* into, std::size_t most) -> Result<std::size_t> {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, zip.size() - sent));
    if (wanted == 0) return std::size_t{0};
    TENON_CHECK(zip.readExactly(sent, {into, wanted}));
    sent += wanted;
    if (progress) progress(sent, zip.size());
    return wanted;
  };
  TENON_TRY(const HttpResponse response, withContext("publish to " + hub, http_.fetch(post, limits::kHttpJsonBodyBytes)));
  if (response.status != kCreated && response.status != kOk)
    return refusal(response, hub).withContext("publish " + request.file.name());
  return urlFrom(response, hub);
}

Result<void> Publisher::publishRoot(const HubAccess& access, const SignedText& root) {
  return post(access, "/v1/root", JsonObject().set("root", root.text).set("signatures", root.signatures));
}

Result<void> Publisher::yank(const HubAccess& access, const Release& release, bool yanked) {
  const std::string path =
      "/v1/services/" + release.service.text() + "/" + release.version.text() + "/" + release.platform.text() + "/yank";
  return post(access, path, JsonObject().set("yanked", yanked));
}

Result<void> Publisher::post(const HubAccess& access, const std::string& path, const JsonObject& body) {
  TENON_TRY(const std::string hub, checkedHub(access));
  HttpRequestOptions request;
  request.method = "POST";
  request.url = hub + path;
  request.headers = {{"Authorization", "Bearer " + access.token}, {"Content-Type", "application/json"}};
  request.body = body.text();
  request.redirects = 0;
  TENON_TRY(const HttpResponse response, withContext("ask " + hub, http_.fetch(request, limits::kHttpJsonBodyBytes)));
  if (response.status == kCreated || response.status == kOk) return {};
  return refusal(response, hub);
}

}  // namespace tenon::host
