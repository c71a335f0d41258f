#include "host/package/fetch/HubBundle.h"

#include "host/base/Limits.h"
#include "host/contract/release/Bundle.h"
#include "host/http/wire/MessageHead.h"
#include "host/package/zip/ZipEntryReader.h"

namespace tenon::host {
namespace {

Error noBundle(const Path& file, const std::string& why) {
  return Error(ErrorCode::FormatInvalid, file.text() + " is no bundle: " + why)
      .withHint("tenon export ID --hub URL makes one");
}

}  // namespace

Result<std::unique_ptr<HubBundle>> HubBundle::open(Files& files, const Path& file) {
  TENON_TRY(auto zip, ReadFile::open(files, file));
  TENON_TRY(auto directory, withContext(file.text(), ZipDirectory::read(zip, ZipRules::Strict)));
  const auto* about = directory.find(kBundleName);
  if (about == nullptr) return noBundle(file, "it has no " + std::string(kBundleName));
  TENON_TRY(const auto text, withContext(file.text(), readSmallEntry(zip, *about, limits::kServiceJsonBytes)));
  auto release = parseBundleText(text);
  if (!release) return noBundle(file, release.error().message());
  return std::unique_ptr<HubBundle>(new HubBundle(std::move(zip), std::move(directory), *std::move(release)));
}

Result<HttpResponse> HubBundle::fetch(const HttpRequestOptions& request, std::size_t most) {
  std::string content;
  TENON_TRY(auto answer, stream(
                             request, [](const HttpResponse&) { return Result<void>(); },
                             [&](std::string_view piece) -> Result<void> {
                               if (piece.size() > most - content.size()) {
                                 return Error(ErrorCode::NetworkProtocol, "the bundle holds more than was expected");
                               }
                               content += piece;
                               return {};
                             }));
  answer.body = std::move(content);
  return answer;
}

// Whole, also where a part was asked for: from this disk there is nothing to save.
Result<HttpResponse> HubBundle::stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                                       const HttpBodySink& body) {
  const auto path = std::string_view(request.url).substr(std::string_view(kAddress).size());
  const auto plain = decodePercent(path.substr(0, path.find('?')), false);
  const auto name = plain ? bundleEntryOf(release_, *plain) : "";
  const auto* entry = name.empty() ? nullptr : directory_.find(name);
  HttpResponse answer{.status = entry == nullptr ? 404 : 200};
  if (entry != nullptr) answer.headers.emplace_back("Content-Length", std::to_string(entry->size));
  TENON_CHECK(head(answer));
  if (entry != nullptr) TENON_CHECK(ZipEntryReader(file_).read(*entry, ZipEntryReader::Check::Crc, body));
  return answer;
}

}  // namespace tenon::host
