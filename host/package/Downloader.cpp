#include "host/package/Downloader.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "host/base/Limits.h"
#include "host/package/PackageReader.h"
#include "host/package/Pieces.h"
#include "host/package/fetch/Attempts.h"

namespace tenon::host {
namespace {

std::optional<std::uint64_t> numberIn(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// One download, over as many connections as it takes.
class Transfer {
 public:
  struct With {
    Files& files;
    HttpClient& http;
    const Clock& clock;
    const Downloader::Wait& wait;
  };
  Transfer(With with, const DownloadRequest& request, const std::atomic<bool>& cancelled,
           const Downloader::Progress& progress)
      : with_(with), request_(request), cancelled_(cancelled), progress_(progress), part_(with.files, request) {}

  Result<DownloadedPackage> run() {
    if (auto there = takeFinished()) return *std::move(there);
    TENON_CHECK(part_.takeUp());
    joined_ = part_.bytes() > 0;
    Attempts attempts(with_.wait, cancelled_, part_.bytes(), request_.sizeBytes);
    for (;;) {
      auto received = part_.complete() ? Result<void>() : receive();
      if (received) {
        TENON_TRY(auto finished, part_.finish());
        if (finished) return *std::move(finished);
        received = wrongHash();
      }
      if (final_) return giveUp(std::move(received).error());
      auto again = attempts.again(received.error(), part_.bytes());
      if (!again) return giveUp(std::move(again).error());
      if (startOver_) TENON_CHECK(part_.startOver());
      joined_ = part_.bytes() > 0;
    }
  }

 private:
  // A download that ended just before its agent did.
  std::optional<DownloadedPackage> takeFinished() {
    const auto there = with_.files.inspect(request_.file);
    if (!there) return std::nullopt;
    if (there->kind == FileKind::File && there->size == request_.sizeBytes) {
      auto package = hashPackage(with_.files, request_.file);
      if (package && package->sha256 == request_.sha256) {
        part_.discard();  // the note, where it ended between the two
        return *std::move(package);
      }
    }
    static_cast<void>(with_.files.removeFile(request_.file));
    return std::nullopt;
  }

  Result<void> receive() {
    startOver_ = final_ = false;
    HttpRequestOptions request;
    request.url = request_.url;
    request.headers = {{"Accept-Encoding", "identity"}};
    if (part_.bytes() > 0) {
      request.headers.emplace_back("Range", "bytes=" + std::to_string(part_.bytes()) + "-");
      if (isStrongEtag(part_.etag())) request.headers.emplace_back("If-Range", part_.etag());
    }
    RateWatch rate(with_.clock);
    const auto answer = with_.http.stream(
        request, [&](const HttpResponse& head) { return judge(head); },
        [&](std::string_view bytes) -> Result<void> {
          TENON_CHECK(take(bytes));
          return rate.add(bytes.size());
        });
    if (!answer) return answer.error();
    if (part_.complete()) return {};
    return Error(ErrorCode::NetworkProtocol, "the connection ended after " + std::to_string(part_.bytes()) + " of " +
                                                 std::to_string(request_.sizeBytes) + " bytes");
  }

  Result<void> judge(const HttpResponse& head) {
    if (head.status == 200 || head.status == 206) {
      if (const auto coding = head.header("Content-Encoding"); !coding.empty() && coding != "identity") {
        final_ = true;
        return protocol("the hub sends the package in another coding (" + coding + "), which was not asked for");
      }
    }
    switch (head.status) {
      case 200:
        return judgeWhole(head);
      case 206:
        return judgeRest(head);
      case 416:
        return beginAnew("the hub has nothing at the place where the download broke off");
      default:
        break;
    }
    auto refusal = refusalOf(head.status);
    final_ = refusal.isFinal;
    return std::move(refusal.error);
  }

  Result<void> judgeWhole(const HttpResponse& head) {
    // A portal in between, or a hub that starts: not the package, and it may pass.
    if (head.header("Content-Type").starts_with("text/html")) return protocol("the hub answers with a web page");
    if (part_.bytes() > 0) TENON_CHECK(part_.startOver());
    joined_ = false;
    if (const auto length = head.header("Content-Length"); !length.empty() && numberIn(length) != request_.sizeBytes) {
      return Error(ErrorCode::ContentMismatch,
                   "the hub sends " + length + " bytes, and has announced " + std::to_string(request_.sizeBytes));
    }
    return part_.begin(head.header("ETag"));
  }

  Result<void> judgeRest(const HttpResponse& head) {
    if (part_.bytes() == 0) return protocol("the hub sends a part where the whole was asked for");
    const auto expected = "bytes " + std::to_string(part_.bytes()) + "-" + std::to_string(request_.sizeBytes - 1) + "/" +
                          std::to_string(request_.sizeBytes);
    if (head.header("Content-Range") != expected) return beginAnew("the hub sends another part than the one asked for");
    const auto etag = head.header("ETag");
    if (!etag.empty() && !part_.etag().empty() && etag != part_.etag())
      return beginAnew("the package changed on the hub meanwhile");
    return {};
  }

  Result<void> take(std::string_view bytes) {
    if (cancelled_.load(std::memory_order_relaxed)) return Error(ErrorCode::Cancelled, "the download was cancelled");
    if (bytes.size() > request_.sizeBytes - part_.bytes()) {
      return Error(ErrorCode::ContentMismatch,
                   "the hub sends more than the " + std::to_string(request_.sizeBytes) + " bytes it has announced");
    }
    const auto before = part_.bytes();
    TENON_CHECK(part_.append(bytes));
    if (progress_ && isToldProgress(before, part_.bytes(), request_.sizeBytes)) progress_(part_.bytes(), request_.sizeBytes);
    return {};
  }

  static Error protocol(const std::string& what) { return Error(ErrorCode::NetworkProtocol, what); }

  Error beginAnew(const std::string& why) {
    startOver_ = true;
    return protocol(why);
  }

  // Bytes of two transfers may be of two objects: once more, in one piece, before the hub is blamed.
  Error wrongHash() {
    if (joined_) return beginAnew("the parts of the download do not fit together");
    return Error(ErrorCode::ContentMismatch, "the package is not the one that the hub announced: its SHA-256 differs")
        .withHint("the hub's list and its file disagree; publish the release again");
  }

  Error giveUp(Error error) {
    const bool keep = (mayPass(error) && !final_) || error.code() == ErrorCode::Cancelled;
    if (!keep || startOver_) part_.discard();
    return std::move(error).withContext("download " + request_.url);
  }

  With with_;
  const DownloadRequest& request_;
  const std::atomic<bool>& cancelled_;
  const Downloader::Progress& progress_;
  PartFile part_;
  bool joined_ = false;     // the bytes came over more than one connection
  bool startOver_ = false;  // what is here is of no use
  bool final_ = false;      // the answer will not change
};

}  // namespace

Result<DownloadedPackage> Downloader::download(const DownloadRequest& request, const std::atomic<bool>& cancelled,
                                               const Progress& progress) {
  if (request.sizeBytes > limits::kZipBytes) {
    return Error(ErrorCode::ArchiveLimit,
                 "the hub announces " + std::to_string(request.sizeBytes) + " bytes: larger than a package may be");
  }
  if (request.sizeBytes == 0) return Error(ErrorCode::ContentMismatch, "the hub announces an empty package");
  return Transfer({files_, http_, clock_, wait_}, request, cancelled, progress).run();
}

Result<std::unique_ptr<RangedZip>> Downloader::openRanged(DownloadRequest request, const std::atomic<bool>& cancelled,
                                                          Progress progress) {
  return RangedZip::open({files_, http_, clock_, wait_, cancelled}, std::move(request), std::move(progress));
}

void Downloader::waitHere(Millis time) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, time, [] { return false; });
}

}  // namespace tenon::host
