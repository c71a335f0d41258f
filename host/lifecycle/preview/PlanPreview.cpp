#include "host/lifecycle/preview/PlanPreview.h"

#include <algorithm>

#include "host/contract/Change.h"
#include "host/lifecycle/Requirements.h"

namespace tenon::host {

JsonObject PlanPreview::toJson() const {
  JsonArray problemList;
  for (const auto& problem : problems) problemList.add(tenon::host::toJson(problem));
  JsonObject object;
  object.set("service_id", service.text()).set("from", from).set("to", to).set("platform", platform);
  object.set("fetch_bytes", fetchBytes).set("total_bytes", totalBytes);
  object.set("fetch_files", fetchFiles).set("total_files", totalFiles);
  object.set("disk_bytes", diskBytes).set("disk_free_bytes", diskFreeBytes);
  object.set("disk_free_after_bytes", diskFreeAfterBytes);
  object.set("port", static_cast<std::int64_t>(port)).set("driver", driver).set("adapter", adapter).set("key_id", keyId);
  object.set("isolation", isolation).set("trust", trust).set("requires", required);
  object.set("disturbs", disturbs).set("problems", problemList);
  return object;
}

namespace {

// Of the release that comes, where the hub tells; else what runs today stands for it.
void describe(const LifeCollaborators& with, const ServiceManifest& manifest, const PlatformId& platform,
              PlanPreview& preview) {
  for (const auto& dependency : manifest.requires_) {
    preview.required.push_back(dependency.service.text() + " " + dependency.version.text());
  }
  preview.isolation = with.isolation.describe(manifest);
  const auto variant = manifest.variant(platform);
  if (!variant) return;
  preview.port = (*variant)->defaultPort.value_or(0);
  if (const auto driver = with.drivers.choose((*variant)->execType, (*variant)->driverPin)) {
    preview.driver = (*driver)->manifest().name + " " + (*driver)->manifest().version;
  } else {
    preview.problems.push_back(driver.error());
  }
}

// MANIFEST tells sizes as they are unpacked: what is missing takes that share of the zip, about. Where nothing is known of
// its files, all of it.
std::uint64_t toFetch(std::uint64_t zipBytes, const VariantPreview& claims) {
  if (claims.unpackedBytes == 0) return zipBytes;
  const double share = static_cast<double>(claims.missingUnpackedBytes) / static_cast<double>(claims.unpackedBytes);
  return static_cast<std::uint64_t>(static_cast<double>(zipBytes) * share);
}

void checkDisk(PlanPreview& preview) {
  if (preview.diskBytes <= preview.diskFreeBytes) return;
  preview.problems.push_back(Error{ErrorCode::DiskFull, "needs " + std::to_string(preview.diskBytes) + " bytes, " +
                                                            std::to_string(preview.diskFreeBytes) + " are free"}
                                 .withHint("free " + std::to_string(preview.diskBytes - preview.diskFreeBytes) + " bytes"));
}

// What goes once a release has come: all but that one and the one before it. Of damaged ones nobody knows what they give
// back.
std::uint64_t gainAfter(const LifeCollaborators& with, const Release& comes, const CurrentRelease& current) {
  auto goes = with.collector.releasesOf(comes.service);
  if (!goes) return 0;
  std::erase_if(*goes, [&](const InstalledRelease& release) {
    return release == current.release || release.version == comes.version;
  });
  const auto gain = with.collector.gainOf(comes.service, *goes);
  return gain ? gain->bytes : 0;
}

// Who runs, and does without it for as long as it stands still.
void addInterrupted(const LifeCollaborators& with, const ServiceId& service, PlanPreview& preview) {
  preview.disturbs.push_back(service.text());
  for (const auto& other : requiring(with.registry, service)) {
    if (with.runtime.serving(other)) preview.disturbs.push_back(other.text());
  }
}

void checkNeeds(const LifeCollaborators& with, const ServiceManifest& release, const PlatformId& platform,
                PlanPreview& preview) {
  const auto isolated = with.isolation.check(release);
  if (!isolated) preview.problems.push_back(isolated.error());
  const auto fits = with.most.check(release, platform);
  if (!fits && fits.error().code() == ErrorCode::ResourceMissing) preview.problems.push_back(fits.error());
  const auto required = checkRequired(with.registry, release);
  if (!required) preview.problems.push_back(required.error());
  const auto requiring = checkRequiring(with.registry, release.service, release.version);
  if (!requiring) preview.problems.push_back(requiring.error());
  const auto endpoint = with.endpoints.check(release);
  if (!endpoint) preview.problems.push_back(endpoint.error());
}

}  // namespace

Result<PlanPreview> previewInstall(const LifeCollaborators& with, const ReleaseSpec& wanted) {
  TENON_TRY(const auto offer, with.trust.offer(with.hub.hub, wanted));
  const HubVariant& variant = offer.variant;
  ServiceDisk disk(with, wanted.service);
  TENON_TRY(const auto current, disk.current.read());
  TENON_TRY(const auto claims, with.packages.preview(with.hub, variant));

  PlanPreview preview{.service = wanted.service,
                      .to = variant.release.version.text(),
                      .platform = variant.release.platform.text(),
                      .totalBytes = variant.sizeBytes + claims.models.bytes,
                      .adapter = with.adapter,
                      .trust = offer.told};
  preview.totalFiles = claims.files;
  preview.keyId = claims.keyId;
  if (claims.problem) preview.problems.push_back(*claims.problem);
  // Then an upgrade has nothing to do.
  const bool behind = current && !wanted.version && variant.release.version.precedence(current->release.version) < 0;
  if (!claims.problem && !behind) {
    const auto accepted = acceptCandidate(with, disk, {variant.release, claims.identity, claims.sequence}, offer, {});
    if (!accepted) preview.problems.push_back(accepted.error());
  }
  const bool isCurrent = behind || (current && current->release.version == variant.release.version);
  if (current) preview.from = current->release.version.text();
  if (!isCurrent) {
    preview.fetchFiles = claims.missingFiles;
    preview.fetchBytes = toFetch(variant.sizeBytes, claims) + claims.models.missingBytes;
    preview.diskBytes =
        preview.fetchBytes + claims.missingUnpackedBytes + claims.models.largestMissing + limits::kDiskMarginBytes;
  }
  TENON_TRY(preview.diskFreeBytes, with.packages.freeSpace());
  preview.diskFreeAfterBytes = preview.diskFreeBytes;
  if (!isCurrent) {
    const auto comes = claims.missingUnpackedBytes + claims.models.missingBytes;
    if (current) preview.diskFreeAfterBytes += gainAfter(with, variant.release, *current);
    preview.diskFreeAfterBytes -= std::min(preview.diskFreeAfterBytes, comes);
  }
  checkDisk(preview);
  std::optional<ServiceManifest> manifest = claims.manifest;
  if (!manifest && current) {
    if (auto installed = with.packages.manifestOf(disk.service(), current->release)) manifest = *std::move(installed);
  }
  if (manifest) describe(with, *manifest, variant.release.platform, preview);
  if (claims.manifest) checkNeeds(with, *claims.manifest, variant.release.platform, preview);
  const bool warm = manifest && manifest->upgrade.strategy == UpgradePolicy::Strategy::Warm;
  const bool stops = current && !isCurrent && !warm && with.runtime.serving(wanted.service);
  if (stops) addInterrupted(with, wanted.service, preview);
  return preview;
}

}  // namespace tenon::host
