#include "host/pack/Packer.h"

#include <algorithm>
#include <mutex>

#include "host/adapter/AtomicFile.h"
#include "host/base/Limits.h"
#include "host/pack/EntryWriter.h"
#include "host/pack/FolderScan.h"
#include "host/pack/SourceContent.h"
#include "host/pack/zip/ZipWriter.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::string_view kZipSuffix = ".zip";

// Without the "." that shells and people put there, so that the output is recognised in the folder it may lie in.
Path absolutePath(const Path& path, const Path& workingFolder) {
  const std::string& text = path.text();
  const bool isAbsolute = text.starts_with('/') || (text.size() > 1 && text[1] == ':');
  const std::string whole = isAbsolute ? text : (workingFolder / text).text();
  std::string plain;
  for (std::size_t at = 0; at <= whole.size();) {
    const auto end = std::min(whole.find('/', at), whole.size());
    const auto part = std::string_view(whole).substr(at, end - at);
    if (at == 0 || (!part.empty() && part != ".")) (plain += at == 0 ? "" : "/") += part;
    at = end + 1;
  }
  return Path(plain.empty() ? "/" : plain);
}

std::string defaultName(const Release& release) {
  return release.service.text() + "-" + release.version.text() + "-" + release.platform.text() + std::string(kZipSuffix);
}

Result<PlatformId> choosePlatform(const ServiceManifest& manifest, const std::optional<PlatformId>& asked) {
  if (asked) return *asked;
  if (manifest.platforms.size() == 1) return PlatformId::parse(manifest.platforms.begin()->first);
  std::string names;
  for (const auto& [name, variant] : manifest.platforms) names += (names.empty() ? "" : ", ") + name;
  return Error(ErrorCode::Usage, "service.json has several platforms: " + names).withHint("choose one with --platform");
}

// What packing made in this folder before: <id>-<version>-<platform>.zip, and its signature.
bool isEarlierPackage(std::string_view name, const ServiceManifest& manifest) {
  if (name.ends_with(kArtifactSignatureSuffix)) name.remove_suffix(kArtifactSignatureSuffix.size());
  const std::string begin = manifest.service.text() + "-";
  return name.starts_with(begin) &&
         std::any_of(manifest.platforms.begin(), manifest.platforms.end(), [&](const auto& platform) {
           const std::string end = "-" + platform.first + std::string(kZipSuffix);
           return name.ends_with(end) && name.size() > begin.size() + end.size() &&
                  SemVer::parse(name.substr(begin.size(), name.size() - begin.size() - end.size())).has_value();
         });
}

// Counts bytes of two passes, from several threads, for one who wants one call at a time.
class Meter {
 public:
  Meter(const Packer::Progress& progress, std::uint64_t total) : progress_(progress), total_(total) {}
  void add(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    done_ = std::min(done_ + bytes, total_);
    if (progress_) progress_(done_, total_);
  }

 private:
  std::mutex mutex_;
  const Packer::Progress& progress_;
  std::uint64_t done_ = 0, total_;
};

// A python service on Windows brings its own python [origin]: nothing there provides one.
Result<void> checkRuntime(const Release& release, const PlatformVariant& variant, const std::vector<SourceFile>& sources) {
  const bool needsPython = release.platform.text().starts_with("windows-") && variant.execType == "python";
  const auto isPython = [](const SourceFile& file) { return file.path.starts_with("runtime/python/"); };
  if (!needsPython || std::any_of(sources.begin(), sources.end(), isPython)) return {};
  return Error(ErrorCode::ContentMissing, "runtime/python/ is missing; a python service for Windows must contain it")
      .withHint("put a portable python there, and name it in files.requires");
}

// One folder on its way to become one zip.
class Packing {
 public:
  Packing(Files& files, WorkerPool& pool, const PackRequest& request, const Packer::Progress& progress)
      : files_(files),
        pool_(pool),
        request_(request),
        progress_(progress),
        folder_(absolutePath(request.folder, request.workingFolder)) {}

  // What names tell, before anything is read but service.json.
  struct Prepared {
    std::string serviceJson;
    Release release;
    PlatformVariant variant;
    std::vector<SourceFile> sources;
  };

  Result<Prepared> prepare() {
    TENON_TRY(std::string text, readServiceJson());
    TENON_TRY(const ServiceManifest manifest,
              withContext((folder_ / kServiceJsonName).text(), ServiceManifest::parse(text)));
    TENON_TRY(const PlatformId platform, choosePlatform(manifest, request_.platform));
    TENON_TRY(const PlatformVariant* variant, manifest.variant(platform));
    Release release{manifest.service, manifest.version, platform};
    output_ = absolutePath(request_.output.value_or(Path(defaultName(release))), request_.workingFolder);

    TENON_TRY(auto sources, scan(manifest, *variant));
    TENON_CHECK(checkRuntime(release, *variant, sources));
    return Prepared{std::move(text), std::move(release), *variant, std::move(sources)};
  }

  Result<PackedPackage> run() {
    TENON_TRY(const Prepared source, prepare());
    Meter meter(progress_, 2 * totalOf(source.sources));
    const BytesDone done = [&](std::uint64_t bytes) { meter.add(bytes); };
    ContentReader reader(files_, pool_, folder_, done);
    TENON_TRY(const auto contents, reader.read(source.sources, source.variant.filesExecutable));
    TENON_TRY(PackageManifest list, listOf(source.release, contents, source.serviceJson));
    return write(std::move(list), contents, done);
  }

 private:
  Result<std::string> readServiceJson() {
    auto text = files_.readAll(folder_ / kServiceJsonName, limits::kServiceJsonBytes);
    if (text || text.error().code() != ErrorCode::NotFound) return text;
    return Error(ErrorCode::ContentMissing, (folder_ / kServiceJsonName).text() + " is missing")
        .withHint("tenon init FOLDER makes a service to begin with");
  }

  Result<std::vector<SourceFile>> scan(const ServiceManifest& manifest, const PlatformVariant& variant) {
    const bool outputInside = output_.parent() == folder_;
    return withContext("pack " + folder_.text(),
                       scanFolder(files_, folder_, variant, manifest.models, [&](std::string_view name) {
                         if (outputInside && (name == output_.name() || name == artifactSignatureFile(output_).name()))
                           return true;
                         return isTemporaryName(name) || isEarlierPackage(name, manifest);
                       }));
  }

  static std::uint64_t totalOf(const std::vector<SourceFile>& sources) {
    std::uint64_t total = 0;
    for (const SourceFile& source : sources) total += source.isSymlink ? 0 : source.size;
    return total;
  }

  Result<PackageManifest> listOf(const Release& release, const std::vector<PackageFile>& contents,
                                 const std::string& serviceJson) {
    PackageManifest list{.release = release, .sequence = request_.sequence, .files = {}};
    for (const PackageFile& file : contents) list.files.push_back(file.entry);
    const ManifestFile* described = list.find(kServiceJsonName);
    if (described == nullptr || described->sha256 != sha256(serviceJson))
      return changedWhilePacking(std::string(kServiceJsonName));
    return list;
  }

  Result<PackedPackage> write(PackageManifest list, const std::vector<PackageFile>& contents, const BytesDone& done) {
    const Path temporary = temporaryBeside(output_);
    auto packed = writeTo(temporary, std::move(list), contents, done);
    if (packed) {
      if (auto published = publish(temporary, *packed); !published) packed = std::move(published).error();
    }
    // What went wrong says more than a failure to clean up after it; and after a rename there is nothing to remove.
    if (!packed) static_cast<void>(files_.removeFile(temporary));
    return withContext("write " + output_.text(), std::move(packed));
  }

  Result<PackedPackage> writeTo(const Path& temporary, PackageManifest list, const std::vector<PackageFile>& contents,
                                const BytesDone& done) {
    const std::string manifest = list.text();
    if (manifest.size() > limits::kManifestBytes) {
      return Error(ErrorCode::ArchiveLimit, "MANIFEST would have " + std::to_string(manifest.size()) + " bytes");
    }
    TENON_TRY(ZipWriter zip, ZipWriter::create(files_, temporary));
    TENON_CHECK(addText(zip, kManifestName, manifest));
    if (!request_.keys.empty()) {
      TENON_CHECK(addText(zip, kManifestSignatureName, toSignatureFile(signaturesOf(request_.keys, manifest))));
    }
    TENON_CHECK(EntryWriter(files_, pool_, zip, done).addFiles(contents));
    TENON_TRY(const std::uint64_t bytes, zip.finish());
    TENON_TRY(const ReadFile written, ReadFile::open(files_, temporary));
    TENON_TRY(const Digest hash, sha256Of(written));
    return PackedPackage{output_, std::move(list), hash, bytes};
  }

  Result<void> publish(const Path& temporary, const PackedPackage& packed) {
    std::optional<ArtifactSignature> signature;
    if (!request_.keys.empty()) signature = signArtifact(request_.keys.front(), packed.manifest.release, packed.zipSha256);
    return putPackage(files_, temporary, output_, signature);
  }

  Files& files_;
  WorkerPool& pool_;
  const PackRequest& request_;
  const Packer::Progress& progress_;
  Path folder_, output_;
};

}  // namespace

Result<void> Packer::check(const PackRequest& request) {
  TENON_CHECK(Packing(files_, pool_, request, {}).prepare());
  return {};
}

Result<PackedPackage> Packer::pack(const PackRequest& request, const Progress& progress) {
  return Packing(files_, pool_, request, progress).run();
}

}  // namespace tenon::host
