// The packages of this node: from a hub's list to a complete, verified release under versions/, and its removal. It changes
// what is there, never what is current or running.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/contract/service/ServiceManifest.h"
#include "host/package/Unpacker.h"
#include "host/package/fetch/ModelFetcher.h"
#include "host/package/fetch/PackageSource.h"
#include "host/store/InstalledStore.h"
#include "host/trust/Sha256.h"

namespace tenon::host {

// A complete release under versions/, that may become current.
struct StagedRelease {
  InstalledRelease release;
  ServiceManifest manifest;
  bool wasThere = false;  // the very same release was installed before
};

// A step of the work, for progress; detail is one line.
class PackageProgress {
 public:
  virtual ~PackageProgress() = default;
  virtual void step(std::string_view name, std::string_view detail) = 0;  // begins; ends the one before
  virtual void bytes(std::uint64_t done, std::uint64_t total) = 0;        // any thread
};

// What can be told of a variant before its zip moves, from MANIFEST and service.json that the hub serves beside it.
struct VariantPreview {
  std::uint64_t files = 0, unpackedBytes = 0;                // 0 where the hub serves no MANIFEST
  std::uint64_t missingFiles = 0, missingUnpackedBytes = 0;  // of these, what the content store lacks
  std::string keyId;                                         // who signed it; "" where that is not known
  Digest identity;                                           // where it was verified: of MANIFEST, or of the zip
  std::optional<std::uint64_t> sequence;                     // of MANIFEST
  std::optional<ServiceManifest> manifest;                   // where it was verified, and the hub serves it
  ModelFetcher::Work models;                                 // that it names, beside its own files
  std::optional<Error> problem;                              // why the package would be refused
};

// Any thread; two calls for one service never at once (the caller holds the service's lock).
//
// What is where when a call ends with an error: under versions/ nothing new; no staging; of the download, what a resume can
// use where the network failed or the change was cancelled, else nothing. The journal is written once the package is
// verified and accepted (nothing of a refused package reaches services/), and stays: who began the change ends it
// (InstalledStore:: dropJournal). After a crash, InstalledStore::clearStaging() brings the folder to the same state.
class ServicePackageManager {
 public:
  // All outlive the manager.
  struct Collaborators {
    Files& files;
    WorkerPool& pool;
    const SignatureVerifier& verifier;
    std::uint64_t piecesFrom =
        limits::kPiecesFromBytes;  // a zip of this size is fetched in pieces where that saves something
  };
  // `platforms`: the adapter's, best first.
  ServicePackageManager(Collaborators with, PackageLayout layout, std::vector<std::string> platforms)
      : with_(with),
        layout_(std::move(layout)),
        platforms_(std::move(platforms)),
        store_(with.files, layout_, &sha256Of),
        unpacker_(with.files, with.pool, &store_),
        cache_(with.files, layout_),
        models_(with.files, with.pool, store_, cache_) {}
  ServicePackageManager(const ServicePackageManager&) = delete;
  ServicePackageManager& operator=(const ServicePackageManager&) = delete;

  // Errors: network-*, the disk's.
  Result<VariantPreview> preview(const PackageSource& from, const HubVariant& variant);

  // Fetch, verify, unpack, move into versions/. `journal` says which change and operation; the rest of it is filled in here.
  // Where the very release is there already, nothing is fetched if the hub's MANIFEST shows it (wasThere).
  // `accept` is asked once the package is verified and before a byte is unpacked: plan, floors, refusals are its business.
  // It is not asked where the release was there. Errors: those of Downloader, readClaims, SignatureVerifier and Unpacker;
  // disk-full (hint: how much is missing); binding-mismatch (service.json is of another release); platform-unsupported;
  // content-missing (files.requires); content-mismatch (this version is installed with other content); path-unsafe (a model
  // in the place of a file).
  using Accept = std::function<Result<void>(const VerifiedPackage&, const ServiceManifest&)>;
  struct FetchRequest {
    const PackageSource& from;
    const HubVariant& variant;
    const Accept& accept;
    const JournalRecord& journal;
    const std::atomic<bool>& cancelled;
  };
  Result<StagedRelease> fetch(const FetchRequest& request, PackageProgress& progress);

  // The same for a package file on this disk, which stays where it is. Its artifact signature is FILE.sig.json beside it. It
  // can name only models that the store has.
  Result<StagedRelease> take(const Path& zip, const Accept& accept, const JournalRecord& journal, PackageProgress& progress);

  // The manifest of a release that lies under versions/. not-found, state-corrupt.
  Result<ServiceManifest> manifestOf(const ServiceId& service, const InstalledRelease& release);

  // Bytes free where packages go.
  Result<std::uint64_t> freeSpace();

  // What broke off and waits to be resumed, or asked for no more.
  DownloadCache& downloads() { return cache_; }

 private:
  // A package, open, and what is said of it from outside.
  struct Incoming {
    PackageContent& content;
    DownloadedPackage package;
    std::optional<ArtifactSignature> signature;
    std::optional<Release> expected;
  };

  // What a call carries along, wherever its package came from.
  struct Delivery {
    const PackageSource& from;  // of models
    const JournalRecord& journal;
    const std::atomic<bool>& cancelled;
    PackageProgress& progress;
  };
  // Verified and accepted; or there already.
  struct Admitted {
    VerifiedPackage package;
    ServiceManifest manifest;
    std::optional<StagedRelease> there;
    ModelFetcher::Work models;  // that it names; nothing where it is there
  };
  // One call of fetch().
  struct Fetch : FetchRequest {
    PackageProgress& progress;
    Delivery delivery() const { return {from, journal, cancelled, progress}; }
  };

  Result<StagedRelease> fetchIfNew(const Fetch& fetch);
  Result<DownloadRequest> requestFor(const HubClient& hub, const HubVariant& variant);
  Result<StagedRelease> fetchAsStream(const Fetch& fetch, const DownloadRequest& request);
  Result<std::optional<StagedRelease>> fetchInPieces(const Fetch& fetch, const DownloadRequest& request);
  Result<std::optional<StagedRelease>> admitPieces(RangedZip& zip, const DownloadRequest& request, const Fetch& fetch);
  Result<Admitted> admit(Incoming incoming, const Accept& accept, PackageProgress& progress);
  Result<StagedRelease> admitWhole(Incoming incoming, const Accept& accept, const Delivery& delivery);
  Result<VerifiedPackage> verify(Incoming incoming);
  static Result<ServiceManifest> readManifest(PackageContent& content, const VerifiedPackage& package);
  // The installed release where it has this identity; nothing where the version is not installed.
  Result<std::optional<StagedRelease>> alreadyThere(const Release& release, const Digest& identity);
  Result<std::optional<StagedRelease>> knownToHub(HubClient& hub, const HubVariant& variant);
  Result<void> checkSpace(std::uint64_t bytes, const std::string& what);
  Result<StagedRelease> stage(Admitted admitted, PackageContent& content, const Delivery& delivery);

  Collaborators with_;
  PackageLayout layout_;
  std::vector<std::string> platforms_;
  ContentStore store_;
  Unpacker unpacker_;
  DownloadCache cache_;
  ModelFetcher models_;
};

}  // namespace tenon::host
