#include "host/hub/PackageUpload.h"

#include <charconv>
#include <vector>

#include "host/base/Json.h"
#include "host/trust/KeyFile.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

constexpr std::size_t kUploadPieceBytes = 1 * limits::MiB;
constexpr std::uint64_t kWriteBehindBytes = 8 * limits::MiB;

// Counts one upload while it runs.
class Turn {
 public:
  explicit Turn(std::atomic<std::size_t>& running) : running_(running), granted_(++running <= limits::kHubUploads) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { --running_; }
  bool granted() const { return granted_; }

 private:
  std::atomic<std::size_t>& running_;
  bool granted_;
};

Result<std::uint64_t> lengthOf(const HttpRequest& request) {
  const std::string text = request.header("Content-Length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || length == 0) {
    return Error(ErrorCode::Usage, "an upload says its size in Content-Length");
  }
  if (length > limits::kZipBytes) {
    return Error(ErrorCode::LimitExceeded, "a package of " + text + " bytes is larger than packages may be");
  }
  return length;
}

// base64 of {alg, key_id, value_b64, signed_payload}, as in FILE.sig.json.
Result<std::optional<ArtifactSignature>> signatureOf(const HttpRequest& request) {
  const std::string header = request.header("Tenon-Artifact-Signature");
  if (header.empty()) return std::optional<ArtifactSignature>();
  const auto parse = [&]() -> Result<ArtifactSignature> {
    TENON_TRY(const std::string text, fromBase64(header));
    TENON_TRY(const Json json, Json::parse(text));
    return ArtifactSignature::parse(json);
  };
  TENON_TRY(auto signature, withContext("the header Tenon-Artifact-Signature", parse()));
  return std::optional(std::move(signature));
}

Result<std::string> channelOf(const HttpRequest& request) {
  std::string channel = request.query("channel");
  if (channel.empty()) return std::string(kStableChannel);
  if (!isChannel(channel))
    return Error(ErrorCode::Usage, "'" + channel + "' is no channel").withHint("letters, digits and '-'");
  return channel;
}

}  // namespace

void PackageUpload::answer(HttpRequest& request, HttpReply& reply) {
  if (!with_.token.allows(request.header("Authorization"))) {
    return reply.problem(Error(ErrorCode::Unauthenticated, "publishing needs the hub's token")
                             .withHint("the hub printed the path of its token file when it started"));
  }
  const Turn turn(running_);
  if (!turn.granted()) {
    return reply.problem(
        Error(ErrorCode::Busy, "the hub takes " + std::to_string(limits::kHubUploads) + " uploads at a time")
            .withHint("try again when one has ended"));
  }
  const auto published = take(request);
  if (!published) {
    with_.log.warning("hub: upload refused: " + published.error().message());
    return reply.problem(published.error());
  }
  const Release& release = published->release.release;
  if (published->isNew) with_.log.info("hub: published " + release.text());
  JsonObject json;
  json.set("service_id", release.service.text()).set("version", release.version.text());
  json.set("platform", release.platform.text())
      .set("sha256", published->release.sha256.hex())
      .set("url", downloadUrl(release));
  reply.json(published->isNew ? 201 : 200, json.text());
}

Result<PackageUpload::Published> PackageUpload::take(HttpRequest& request) {
  TENON_TRY(const std::uint64_t length, lengthOf(request));
  TENON_TRY(const auto signature, signatureOf(request));
  TENON_TRY(const std::string channel, channelOf(request));
  TENON_TRY(const std::uint64_t room, with_.store.freeSpace());
  if (room < limits::kDiskMarginBytes || room - limits::kDiskMarginBytes < length) {
    return Error(ErrorCode::DiskFull, "the hub has no room for " + std::to_string(length) + " bytes")
        .withHint("free some space on the hub's disk");
  }
  TENON_TRY(UploadFolder upload, with_.store.beginUpload());
  TENON_TRY(const DownloadedPackage package, receive(request, upload, length));
  TENON_TRY(const CheckedPackage checked, checkPackage(with_.files, package, signature, with_.verifier));
  return publish(
      std::move(upload),
      {.release = checked.release,
       .name = checked.name,
       .sha256 = package.sha256,
       .sizeBytes = package.sizeBytes,
       .signature = signature,
       .channel = channel,
       .publishedAt = formatTime(with_.clock.wall()),
       .manifestSha256 = checked.texts.manifest.empty() ? std::nullopt : std::optional(sha256(checked.texts.manifest))},
      checked);
}

// To the disk, hashed in the same pass, durable on return.
Result<DownloadedPackage> PackageUpload::receive(HttpRequest& request, const UploadFolder& upload, std::uint64_t length) {
  TENON_TRY(WriteFile file, WriteFile::create(with_.files, 0, upload.zip().text()));
  Sha256 hash;
  std::vector<char> piece(kUploadPieceBytes);
  std::size_t filled = 0;
  std::uint64_t behind = 0;
  for (bool more = true; more;) {
    TENON_TRY(const std::size_t got, request.readBody(piece.data() + filled, piece.size() - filled));
    filled += got;
    more = got > 0;
    if (more && filled < piece.size()) continue;
    const std::string_view bytes(piece.data(), filled);
    hash.update(bytes);
    TENON_CHECK(file.append(bytes));
    filled = 0;
    if (file.written() - behind < kWriteBehindBytes) continue;
    file.writeBehind();
    behind = file.written();
  }
  if (file.written() != length) return Error(ErrorCode::ContentMismatch, "the upload has another size than it said");
  TENON_CHECK(file.sync());
  return DownloadedPackage{upload.zip(), hash.finish(), length};
}

Result<PackageUpload::Published> PackageUpload::publish(UploadFolder upload, const HubRelease& release,
                                                        const CheckedPackage& checked) {
  const auto moved = with_.store.publish(std::move(upload), release, checked.texts);
  if (moved) {
    with_.catalog.add(release);
    return Published{release, true};
  }
  if (moved.error().code() != ErrorCode::AlreadyExists) return moved.error();
  // The disk decides: what a crash or a failed sync left in place is taken up here.
  TENON_TRY(HubRelease there, with_.store.read(release.release));
  if (there.sha256 != release.sha256) {
    return Error(ErrorCode::AlreadyExists, release.release.text() + " is published already, with other bytes")
        .withHint("a release never changes: publish a new version");
  }
  TENON_CHECK(with_.store.settle(release.release));
  with_.catalog.add(there);
  return Published{std::move(there), false};
}

}  // namespace tenon::host
