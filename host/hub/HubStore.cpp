#include "host/hub/HubStore.h"

#include <algorithm>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/contract/release/PackageManifest.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::string_view kVariantName = "variant.json";
constexpr std::size_t kVariantBytes = 64 * limits::KiB;

template <class T>
Result<T> parsed(const Json& object, std::string_view key) {
  TENON_TRY(const Json member, object.member(key));
  TENON_TRY(const std::string text, member.string());
  auto value = T::parse(text);
  if (!value) return member.wrong(value.error().message());
  return value;
}

Result<void> writeSynced(Files& files, const Path& path, std::string_view bytes) {
  TENON_TRY(WriteFile file, WriteFile::create(files, 0, path.text()));
  TENON_CHECK(file.append(bytes));
  return file.sync();
}

}  // namespace

Result<HubRelease> HubRelease::parse(std::string_view text) {
  TENON_TRY(const Json json, Json::parse(text, {.bytes = kVariantBytes}));
  TENON_TRY(auto service, parsed<ServiceId>(json, "service_id"));
  TENON_TRY(auto version, parsed<SemVer>(json, "version"));
  TENON_TRY(auto platform, parsed<PlatformId>(json, "platform"));
  HubRelease release{.release = {std::move(service), std::move(version), std::move(platform)}};
  TENON_TRY(release.name, json.stringOr("name", release.release.service.text()));
  TENON_TRY(release.sha256, parsed<Digest>(json, "sha256"));
  TENON_TRY(const Json size, json.member("size_bytes"));
  TENON_TRY(const std::int64_t bytes, size.integer(0, INT64_MAX));
  release.sizeBytes = static_cast<std::uint64_t>(bytes);
  TENON_TRY(release.channel, json.stringOr("channel", std::string(kStableChannel)));
  TENON_TRY(release.publishedAt, json.stringOr("published_at", ""));
  TENON_TRY(release.yanked, json.booleanOr("yanked", false));
  const auto manifest = json.find("manifest_sha256");
  if (manifest && manifest->isString()) {
    TENON_TRY(release.manifestSha256, parsed<Digest>(json, "manifest_sha256"));
  }
  const auto signature = json.find("signature");
  if (signature && signature->isObject()) {
    TENON_TRY(release.signature, ArtifactSignature::parse(*signature));
  }
  return release;
}

std::string HubRelease::text() const {
  JsonObject json;
  json.set("service_id", release.service.text()).set("version", release.version.text());
  json.set("platform", release.platform.text()).set("name", name).set("sha256", sha256.hex()).set("size_bytes", sizeBytes);
  json.set("channel", channel).set("published_at", publishedAt).set("yanked", yanked);
  if (manifestSha256) json.set("manifest_sha256", manifestSha256->hex());
  if (signature) {
    json.set("signature", signature->toJson());
  } else {
    json.setNull("signature");
  }
  return json.pretty();
}

UploadFolder::~UploadFolder() {
  // What cannot be removed now is swept at the next start.
  if (!path_.empty()) (void)files_->removeTree(path_);
}

Result<HubStore> HubStore::open(Files& files, const Path& data) {
  TENON_CHECK(files.makeFolders(data));
  TENON_TRY(FileLock lock, withContext("another hub serves " + data.text(), FileLock::acquire(files, data / "lock")));
  HubStore store(files, data, std::move(lock));
  TENON_CHECK(files.makeFolders(store.services()));
  TENON_CHECK(files.removeTree(store.uploads()));
  TENON_CHECK(files.makeFolder(0, store.uploads().text(), {.parents = true, .ownerOnly = true}));
  TENON_CHECK(files.syncFolder(data / "storage"));
  TENON_CHECK(files.syncFolder(data));
  return store;
}

Path HubStore::folder(const Release& release) const {
  return services() / release.service.text() / release.version.text() / release.platform.text();
}

Result<HubRelease> HubStore::readFolder(const Path& folder) {
  TENON_TRY(const std::string text, files_->readAll(folder / kVariantName, kVariantBytes));
  auto release = HubRelease::parse(text);
  if (!release) return Error(ErrorCode::StateCorrupt, (folder / kVariantName).text() + ": " + release.error().message());
  if (this->folder(release->release) != folder) {
    return Error(ErrorCode::StateCorrupt, folder.text() + " holds " + release->release.text());
  }
  // Releases of a hub before it had an index do not say it.
  if (const auto manifest = files_->readAll(folder / kManifestName, limits::kManifestBytes);
      manifest && !release->manifestSha256) {
    release->manifestSha256 = sha256(*manifest);
  }
  TENON_TRY(const FileInfo zip, files_->inspect(folder / kServiceZipName));
  if (zip.kind != FileKind::File || zip.size != release->sizeBytes) {
    return Error(ErrorCode::StateCorrupt, (folder / kServiceZipName).text() + " is not the file that was published");
  }
  return release;
}

Result<HubRelease> HubStore::read(const Release& release) { return readFolder(folder(release)); }

Result<std::vector<HubRelease>> HubStore::scan(Log& log) {
  std::vector<HubRelease> releases;
  std::vector<Path> level{services()};
  for (int depth = 0; depth < 3; ++depth) {  // id, version, platform
    std::vector<Path> next;
    for (const auto& folder : level) {
      TENON_TRY(const auto entries, files_->list(folder));
      for (const auto& entry : entries) {
        if (entry.kind == FileKind::Folder) next.push_back(folder / entry.name);
      }
    }
    level = std::move(next);
  }
  for (const auto& folder : level) {
    auto release = readFolder(folder);
    if (release) {
      releases.push_back(*std::move(release));
    } else {
      log.error("hub: not listed: " + release.error().message());
    }
  }
  return releases;
}

Result<UploadFolder> HubStore::beginUpload() {
  UploadFolder upload(*files_, uploads() / uniqueSuffix());
  TENON_CHECK(files_->makeFolder(0, upload.path().text(), {}));
  return upload;
}

Result<void> HubStore::rewrite(const HubRelease& release) {
  return writeAtomically(*files_, folder(release.release) / kVariantName, release.text());
}

Result<void> HubStore::publish(UploadFolder upload, const HubRelease& release, const PackageTexts& texts) {
  if (release.manifestSha256) {
    TENON_CHECK(writeSynced(*files_, upload.path() / kManifestName, texts.manifest));
    TENON_CHECK(writeSynced(*files_, upload.path() / kManifestSignatureName, texts.manifestSignature));
  }
  TENON_CHECK(writeSynced(*files_, upload.path() / kServiceJsonName, texts.serviceJson));
  TENON_CHECK(writeSynced(*files_, upload.path() / kVariantName, release.text()));
  TENON_CHECK(files_->syncFolder(upload.path()));
  const Path place = folder(release.release);
  TENON_CHECK(files_->makeFolders(place.parent()));
  TENON_CHECK(files_->renameNew(upload.path(), place));
  upload.release();
  return settle(release.release);
}

Result<void> HubStore::settle(const Release& release) {
  // From the inside out, so that no name is durable before what it leads to.
  for (Path each = folder(release).parent(); each != services().parent(); each = each.parent()) {
    TENON_CHECK(files_->syncFolder(each));
  }
  return {};
}

}  // namespace tenon::host
