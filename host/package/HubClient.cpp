#include "host/package/HubClient.h"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/release/PackageManifest.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/fetch/Attempts.h"

namespace tenon::host {
namespace {

Error badHub(const std::string& hub, const std::string& why) {
  return Error(ErrorCode::Usage, "\"" + shownName(hub) + "\" is no hub: " + why)
      .withHint("a hub is http://host:port[/prefix]");
}

// Nothing where the text is no URL.
std::optional<Poco::URI> parseUrl(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
  if (!plain) return std::nullopt;
  try {
    return Poco::URI(text);
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

// "." and ".." in any spelling, and separators that some servers decode before they look.
bool climbs(const std::string& text, const Poco::URI& url) {
  std::vector<std::string> parts;
  url.getPathSegments(parts);
  const auto lower = Poco::toLower(text);
  return lower.find("%2f") != std::string::npos || lower.find("%5c") != std::string::npos ||
         std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part == "." || part == ".."; });
}

// Of a portal in between, or of a server that is no hub.
bool isPage(const HttpResponse& answer) {
  return answer.header("Content-Type").starts_with("text/html") && answer.body.find('<') < answer.body.find('{');
}

std::string encoded(const std::string& text) {
  std::string result;
  Poco::URI::encode(text, "&=+/?#", result);
  return result;
}

void join(HubIndex& all, HubIndex&& more, const std::string& platform) {
  for (auto& service : more.services) {
    std::erase_if(service.variants,
                  [&](const HubVariant& each) { return !platform.empty() && each.release.platform.text() != platform; });
    if (service.variants.empty()) continue;
    const auto known = std::find_if(all.services.begin(), all.services.end(),
                                    [&](const HubService& each) { return each.service == service.service; });
    if (known == all.services.end()) {
      all.services.push_back(std::move(service));
      continue;
    }
    std::move(service.variants.begin(), service.variants.end(), std::back_inserter(known->variants));
    std::stable_sort(known->variants.begin(), known->variants.end(), [](const HubVariant& a, const HubVariant& b) {
      return a.release.version.precedence(b.release.version) > 0;
    });
  }
}

}  // namespace

Error noHub() {
  return Error(ErrorCode::Usage, "no hub is configured")
      .withHint(
          "start the agent with --hub http://host:port, or install a file made elsewhere by tenon export: "
          "tenon install ./FILE.bundle");
}

Result<HubClient> HubClient::create(HttpClient& http, std::string hub, Downloader::Wait wait) {
  while (hub.ends_with('/')) hub.pop_back();
  const auto url = parseUrl(hub);
  if (!url || url->getHost().empty()) return badHub(hub, "it is no URL");
  if (url->getScheme() != "http" && url->getScheme() != "https")
    return badHub(hub, "it begins with neither http:// nor https://");
  if (!url->getUserInfo().empty() || !url->getRawQuery().empty() || !url->getFragment().empty() || climbs(hub, *url)) {
    return badHub(hub, "it has more than a host and a prefix");
  }
  auto origin = url->getScheme() + "://" + url->getAuthority();
  return HubClient(http, std::move(hub), std::move(origin), std::move(wait));
}

Result<HubIndex> HubClient::list(const std::optional<ServiceId>& service, const std::vector<std::string>& platforms) {
  HubIndex all;
  for (const auto& platform : platforms.empty() ? std::vector<std::string>{""} : platforms) {
    std::string query;
    if (!platform.empty()) query += "?platform=" + encoded(platform);
    if (service) query += (query.empty() ? "?" : "&") + std::string("service_id=") + encoded(service->text());
    TENON_TRY(const auto text, get(hub_ + "/api/services" + query, limits::kJsonBytes));
    TENON_TRY(auto index, withContext("the list of " + hub_, HubIndex::parse(text)));
    join(all, std::move(index), platform);
  }
  return all;
}

Result<std::vector<HubVariant>> HubClient::variantsOf(const ServiceId& service, const SemVer& version) {
  const std::string query = "?service_id=" + encoded(service.text()) + "&version=" + encoded(version.text());
  TENON_TRY(const auto text, get(hub_ + "/api/services" + query, limits::kJsonBytes));
  TENON_TRY(auto index, withContext("the list of " + hub_, HubIndex::parse(text)));
  std::vector<HubVariant> variants;
  for (auto& each : index.services) {
    for (auto& variant : each.variants) {
      if (variant.release.service == service && variant.release.version == version) variants.push_back(std::move(variant));
    }
  }
  return variants;
}

Result<std::string> HubClient::artifactUrl(const HubVariant& variant) const {
  const auto& given = variant.url;
  const auto doing = "the URL of " + variant.release.text() + " (" + shownName(given) + ")";
  if (given.starts_with("//")) return Error(ErrorCode::RedirectRefused, doing + " leads to another host");
  const auto url = parseUrl(given);
  if (!url || given.empty()) return Error(ErrorCode::FormatInvalid, doing + " is no URL");
  if (climbs(given, *url)) return Error(ErrorCode::FormatInvalid, doing + " climbs out of its folder");
  if (url->isRelative()) {
    if (!given.starts_with('/')) return hub_ + "/" + given;
    const auto prefix = hub_.substr(origin_.size());
    return (given.starts_with(prefix + "/") ? origin_ : hub_) + given;
  }
  const Poco::URI hub(hub_);  // create() has parsed it
  const bool same = url->getScheme() == hub.getScheme() && url->getHost() == hub.getHost() &&
                    url->getPort() == hub.getPort() && url->getUserInfo().empty();
  if (!same) {
    return Error(ErrorCode::RedirectRefused, doing + " leads to another host")
        .withHint("packages come from the hub itself; configure the hub by the name that it uses in its URLs");
  }
  return given;
}

Result<std::string> HubClient::manifestOf(const HubVariant& variant) {
  return beside(variant, kManifestName, limits::kManifestBytes);
}

Result<std::string> HubClient::manifestSignatureOf(const HubVariant& variant) {
  return beside(variant, kManifestSignatureName, limits::kManifestSignatureBytes);
}

Result<std::string> HubClient::serviceJsonOf(const HubVariant& variant) {
  return beside(variant, kServiceJsonName, limits::kServiceJsonBytes);
}

Result<std::vector<HubModel>> HubClient::models() {
  TENON_TRY(const auto text, get(hub_ + "/api/models", limits::kJsonBytes));
  return withContext("the models of " + hub_, parseHubModels(text));
}

std::string HubClient::modelUrl(const std::string& id, const std::string& version, const std::string& path) const {
  std::string url = hub_ + "/storage/models/" + encoded(id) + "/" + encoded(version);
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    url += "/" + encoded(path.substr(at, end - at));
    at = end + 1;
  }
  return url;
}

Result<SignedText> HubClient::root(std::uint64_t version) {
  return getSigned("/v1/root/" + std::to_string(version) + ".json", limits::kRootBytes);
}

Result<SignedText> HubClient::index(const PlatformId& platform) {
  return getSigned("/v1/index/" + platform.text() + ".json", limits::kJsonBytes);
}

Result<SignedText> HubClient::getSigned(const std::string& path, std::size_t most) {
  SignedText document;
  TENON_TRY(document.text, get(hub_ + path, most));
  TENON_TRY(document.signatures, get(hub_ + path + kSignatureSuffix, limits::kManifestSignatureBytes));
  return document;
}

Result<std::string> HubClient::beside(const HubVariant& variant, std::string_view name, std::size_t most) {
  TENON_TRY(const auto zip, artifactUrl(variant));
  const auto folder = zip.substr(0, zip.find_first_of("?#"));
  return get(folder.substr(0, folder.rfind('/') + 1) + std::string(name), most);
}

Result<std::string> HubClient::get(const std::string& url, std::size_t most) {
  HttpRequestOptions request;
  request.url = url;
  const std::atomic<bool> never{false};
  Attempts attempts(wait_, never, limits::kDocumentAttempts);
  for (;;) {
    auto answer = withContext("ask the hub", http_->fetch(request, most));
    if (!answer) {
      if (answer.error().code() == ErrorCode::NetworkSlow) return answer.error();  // it was waited for long enough
      TENON_CHECK(attempts.again(answer.error(), 0));
    } else if (answer->status != 200) {
      const auto what = "the hub answers " + std::to_string(answer->status) + " to GET " + url;
      if (refusalOf(answer->status).isFinal) {
        return Error(answer->status == 404 ? ErrorCode::NotFound : ErrorCode::NetworkProtocol, what);
      }
      const Millis asked = askedToWait(*answer);
      if (asked > limits::kDocumentPause) return Error(ErrorCode::NetworkProtocol, what);
      TENON_CHECK(attempts.again(Error(ErrorCode::NetworkProtocol, what), 0, asked));
    } else if (isPage(*answer)) {
      TENON_CHECK(attempts.again(Error(ErrorCode::NetworkProtocol, "the hub answers with a web page to GET " + url)
                                     .withHint("is that the hub's address, and does this network ask for a login first?"),
                                 0));
    } else {
      return std::move(answer->body);
    }
  }
}

}  // namespace tenon::host
