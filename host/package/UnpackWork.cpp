#include "host/package/UnpackWork.h"

#include <algorithm>

#include "host/base/Limits.h"
#include "host/contract/release/PackagePath.h"
#include "host/package/FolderStack.h"
#include "host/package/Pieces.h"
#include "host/package/zip/ZipEntryReader.h"
#include "host/trust/Sha256.h"

namespace tenon::host {
namespace {

// Two saturate a disk: a third brought nothing (design: 08-performance), and each may hold two buffers of 8 MiB.
constexpr std::size_t kWorkers = 2;
constexpr std::uint64_t kFileCost = 32 * limits::KiB;  // making a file takes about as long as writing so much
constexpr std::uint64_t kBatchCost = 8 * limits::MiB;
constexpr std::uint64_t kBatchCostMost = 4 * kBatchCost;  // of one folder that is larger than that
constexpr std::uint64_t kWriteBehindBytes = 8 * limits::MiB;
constexpr std::uint64_t kUncachedBytes = 32 * limits::MiB;  // a model, which must not push out what services work with

std::string_view folderOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}
std::string_view nameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool beginsAsProgram(std::string_view content) {
  return content.starts_with(
             "\x7f"
             "ELF") ||
         content.starts_with("#!");
}

std::string quoted(const ZipEntry& entry) { return "\"" + shownName(entry.name) + "\""; }

}  // namespace

// One thread's part: its own buffers, hash and open folders.
class UnpackWork::Worker {
 public:
  Worker(UnpackWork& work, FolderStack folders)
      : work_(work),
        folders_(std::move(folders)),
        reader_(work.zip_),
        sink_([this](std::string_view piece) { return take(piece); }) {}

  Result<void> write(const UnpackItem& item) {
    const auto& path = item.entry->name;
    if (item.kind == UnpackItem::Kind::Folder) {
      TENON_CHECK(folders_.go(path));
      return {};
    }
    TENON_TRY(folder_, folders_.go(folderOf(path)));
    item_ = &item;
    const auto check = item.sha256 ? ZipEntryReader::Check::SizeOnly : ZipEntryReader::Check::Crc;
    const auto read = reader_.read(*item.entry, check, sink_);
    file_.reset();
    TENON_CHECK(read);
    if (item.sha256 && hash_.finish() != *item.sha256) {
      return Error(ErrorCode::ContentMismatch, quoted(*item.entry) + ": its content is not what MANIFEST says");
    }
    return item.kind == UnpackItem::Kind::Symlink ? link() : Result<void>();
  }

 private:
  // A piece of the current entry: hashed while it is in the cache, then written.
  Result<void> take(std::string_view piece) {
    if (work_.failed_.load(std::memory_order_relaxed)) return Error(ErrorCode::Cancelled, "another file failed");
    if (item_->sha256) hash_.update(piece);
    if (item_->kind == UnpackItem::Kind::Symlink) {
      target_ += piece;
      return {};
    }
    if (!file_) TENON_CHECK(begin(piece));
    TENON_CHECK(file_->append(piece));
    if (file_->written() - written_ >= kWriteBehindBytes) {
      file_->writeBehind();
      written_ = file_->written();
    }
    work_.add(piece.size());
    return {};
  }

  Result<void> begin(std::string_view firstPiece) {
    const bool executable = item_->kind == UnpackItem::Kind::Executable ||
                            (item_->kind == UnpackItem::Kind::ByContent && beginsAsProgram(firstPiece));
    // Of a stored file the pieces are aligned.
    const bool uncached = item_->entry->method == ZipEntry::Method::Stored && item_->entry->size >= kUncachedBytes;
    TENON_TRY(auto file, WriteFile::create(work_.files_, folder_, nameOf(item_->entry->name),
                                           {.executable = executable, .readOnly = true, .uncached = uncached}));
    file_.emplace(std::move(file));
    written_ = 0;
    return {};
  }

  Result<void> link() {
    const auto target = std::exchange(target_, {});
    TENON_CHECK(checkSymlinkTarget(item_->entry->name, target));
    return work_.files_.makeSymlink(folder_, nameOf(item_->entry->name), target);
  }

  UnpackWork& work_;
  FolderStack folders_;
  ZipEntryReader reader_;
  ZipEntryReader::Sink sink_;
  Sha256 hash_;
  const UnpackItem* item_ = nullptr;
  Files::Handle folder_ = 0;
  std::optional<WriteFile> file_;
  std::uint64_t written_ = 0;  // where write-behind began last
  std::string target_;
};

UnpackWork::UnpackWork(Files& files, const ByteSource& zip, const Path& tree, const std::vector<UnpackItem>& items,
                       const Progress& progress)
    : files_(files), zip_(zip), tree_(tree), items_(items), progress_(progress) {
  for (const auto& item : items_) total_ += item.entry->size;
  cutBatches();
}

// Runs of neighbours, cut between folders where that is possible: two workers in one folder wait for each other. The large
// ones come first, so that none is left over at the end.
void UnpackWork::cutBatches() {
  Batch batch{0, 0, 0};
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const bool sameFolder = i > 0 && folderOf(items_[i].entry->name) == folderOf(items_[i - 1].entry->name);
    if (batch.cost >= (sameFolder ? kBatchCostMost : kBatchCost)) {
      batches_.push_back(batch);
      batch = {i, i, 0};
    }
    batch.end = i + 1;
    batch.cost += items_[i].entry->size + kFileCost;
  }
  if (batch.end > batch.begin) batches_.push_back(batch);
  std::stable_partition(batches_.begin(), batches_.end(), [](const Batch& each) { return each.cost > kBatchCostMost; });
}

Result<void> UnpackWork::run(WorkerPool& pool) {
  const auto work = [this] {
    auto folders = FolderStack::open(files_, tree_);
    if (!folders) return fail(std::move(folders).error());
    Worker worker(*this, *std::move(folders));
    for (auto at = next_++; at < batches_.size(); at = next_++) {
      for (auto i = batches_[at].begin; i < batches_[at].end; ++i) {
        if (failed_.load(std::memory_order_relaxed)) return;
        if (auto written = worker.write(items_[i]); !written) return fail(std::move(written).error());
      }
    }
  };
  pool.runAll(std::vector<WorkerPool::Task>(std::min(kWorkers, std::max<std::size_t>(batches_.size(), 1)), work));
  if (error_) return *std::move(error_);
  return {};
}

void UnpackWork::fail(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  failed_ = true;
}

void UnpackWork::add(std::uint64_t bytes) {
  const auto before = done_.fetch_add(bytes, std::memory_order_relaxed);
  if (progress_ && isToldProgress(before, before + bytes, total_)) progress_(before + bytes, total_);
}

}  // namespace tenon::host
