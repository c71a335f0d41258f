#include "tests/support/DiskModel.h"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>

namespace tenon::host {

namespace {

template <class T>
T orThrow(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

void orThrow(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message());
}

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
  content.replace(at, bytes.size(), bytes);
}

}  // namespace

DiskModel::DiskModel(Files& real, const Path& root) : root_(root) { load(real, root, orThrow(real.inspect(root))); }

DiskModel::NodeId DiskModel::load(Files& real, const Path& path, const FileInfo& info) {
  const NodeId id = ++lastNode_;
  Node node;
  node.kind = info.kind;
  node.executable = info.executable;
  if (info.kind == FileKind::File) {
    node.content = node.durable = orThrow(real.readAll(path, info.size));
    node.emptied = info.size > 0 && orThrow(real.firstData(path)) > 0;
  }
  if (info.kind == FileKind::Symlink) node.target = orThrow(real.readSymlink(path));
  if (info.kind == FileKind::Folder) {
    for (const auto& entry : orThrow(real.list(path))) {
      node.names[entry.name] = load(real, path / entry.name, orThrow(real.inspect(path / entry.name)));
    }
    node.durableNames = node.names;
  }
  nodes_[id] = std::move(node);
  return id;
}

DiskModel::NodeId DiskModel::find(const Path& path) const {
  if (path == root_) return kRoot;
  return find(locate(path));
}

DiskModel::NodeId DiskModel::find(const Place& place) const {
  const auto folder = nodes_.find(place.folder);
  if (folder == nodes_.end()) return 0;
  const auto found = folder->second.names.find(place.name);
  return found == folder->second.names.end() ? 0 : found->second;
}

DiskModel::Place DiskModel::locate(const Path& path) const {
  const std::string beginning = root_.text() + "/";
  if (path.text().compare(0, beginning.size(), beginning) != 0) return {};
  return {find(path.parent()), path.name()};
}

DiskModel::NodeId DiskModel::add(const Place& place, Node node) {
  if (place.folder == 0) return 0;
  const NodeId id = ++lastNode_;
  nodes_[id] = std::move(node);
  change(place, id, ++lastOperation_, false);
  return id;
}

DiskModel::NodeId DiskModel::addFolder(const Place& place) {
  Node node;
  node.kind = FileKind::Folder;
  return add(place, std::move(node));
}

DiskModel::NodeId DiskModel::addFile(const Place& place, bool executable) {
  Node node;
  node.executable = executable;
  return add(place, std::move(node));
}

void DiskModel::addSymlink(const Place& place, std::string_view target) {
  Node node;
  node.kind = FileKind::Symlink;
  node.target = target;
  add(place, std::move(node));
}

// A reflink's content is as little durable as a copy's.
void DiskModel::addClone(const Place& place, NodeId of) {
  const auto source = nodes_.find(of);
  const NodeId id = addFile(place, source != nodes_.end() && source->second.executable);
  if (id != 0 && source != nodes_.end()) write(id, 0, source->second.content, false);
}

void DiskModel::addLink(const Place& place, NodeId of) {
  if (place.folder != 0 && of != 0) change(place, of, ++lastOperation_, false);
}

void DiskModel::write(NodeId file, std::uint64_t offset, std::string_view bytes, bool append) {
  const auto found = nodes_.find(file);
  if (found == nodes_.end()) return;
  Node& node = found->second;
  if (append) offset = node.content.size();
  put(node.content, offset, bytes);
  node.pending.push_back({offset, std::string(bytes)});
}

void DiskModel::rename(const Place& from, const Place& to) {
  const NodeId node = find(from);
  const std::uint64_t operation = ++lastOperation_;
  const bool moves = node != 0 && nodes_.at(node).kind == FileKind::Folder;
  if (from.folder != 0) change(from, 0, operation, moves);
  if (to.folder != 0 && node != 0) change(to, node, operation, moves);
}

void DiskModel::remove(const Place& place) {
  const NodeId node = find(place);
  if (node == 0) return;
  const Names below = nodes_.at(node).names;
  for (const auto& entry : below) remove({node, entry.first});
  change(place, 0, ++lastOperation_, false);
}

void DiskModel::change(const Place& place, NodeId node, std::uint64_t operation, bool moves) {
  Names& names = nodes_.at(place.folder).names;
  if (node == 0) {
    names.erase(place.name);
  } else {
    names[place.name] = node;
  }
  changes_.push_back({operation, place.folder, place.name, node, moves});
}

void DiskModel::settle(const Change& change) {
  Names& names = nodes_.at(change.folder).durableNames;
  if (change.node == 0) {
    names.erase(change.name);
  } else {
    names[change.name] = change.node;
  }
}

void DiskModel::emptyFront(NodeId file, std::uint64_t bytes) {
  const auto found = nodes_.find(file);
  if (found == nodes_.end()) return;
  put(found->second.content, 0, std::string(static_cast<std::size_t>(bytes), '\0'));
  found->second.emptied = true;
  syncFile(file);
}

void DiskModel::cutFront(NodeId file, std::uint64_t bytes) {
  const auto found = nodes_.find(file);
  if (found == nodes_.end()) return;
  Node& node = found->second;
  node.content.erase(0, static_cast<std::size_t>(bytes));
  node.durable.erase(0, static_cast<std::size_t>(bytes));
  for (Write& write : node.pending) write.offset -= std::min(write.offset, bytes);
}

void DiskModel::syncFile(NodeId file) {
  const auto found = nodes_.find(file);
  if (found == nodes_.end()) return;
  found->second.durable = found->second.content;
  found->second.pending.clear();
}

void DiskModel::syncFolder(NodeId folder) {
  std::set<std::uint64_t> wholes;  // moves of folders: both ends or none
  for (const auto& change : changes_) {
    if (change.folder == folder && change.moves) wholes.insert(change.operation);
  }
  const auto isSettled = [&](const Change& change) { return change.folder == folder || wholes.contains(change.operation); };
  for (const auto& change : changes_) {
    if (isSettled(change)) settle(change);
  }
  std::erase_if(changes_, isSettled);
}

void DiskModel::syncAll(NodeId folder) {
  if (folder == 0) return;
  syncFile(folder);
  syncFolder(folder);
  const Names below = nodes_.at(folder).names;
  for (const auto& entry : below) syncAll(entry.second);
}

// One way that a cut may go.
class DiskModel::Cut {
 public:
  Cut(const DiskModel& disk, std::uint64_t variant) : disk_(disk), variant_(variant), random_(mixed(variant)) {
    for (const auto& [id, node] : disk.nodes_) names_[id] = node.durableNames;
    std::map<std::uint64_t, bool> kept;
    for (const auto& change : disk.changes_) {
      const auto [at, first] = kept.try_emplace(change.operation, false);
      if (first) at->second = keepsName();
      if (!at->second) continue;
      if (change.node == 0) {
        names_[change.folder].erase(change.name);
      } else {
        names_[change.folder][change.name] = change.node;
      }
    }
  }

  void make(Files& files, const Path& at, NodeId folder) {
    for (const auto& [name, id] : names_[folder]) {
      const Node& node = disk_.nodes_.at(id);
      const Path path = at / name;
      if (node.kind == FileKind::Folder) {
        orThrow(files.makeFolder(0, path.text(), {}));
        make(files, path, id);
      } else if (node.kind == FileKind::Symlink) {
        orThrow(files.makeSymlink(0, path.text(), node.target));
      } else {
        auto file = orThrow(WriteFile::create(files, 0, path.text(), {.executable = node.executable}));
        orThrow(file.append(contentOf(node)));
        const std::uint64_t hole = holeOf(node);
        if (hole > 0) orThrow(files.emptyFront(path, hole));
      }
    }
  }

 private:
  // What emptyFront left is no room on any disk.
  static std::uint64_t holeOf(const Node& node) {
    const auto data = std::min(node.durable.find_first_not_of('\0'), node.durable.size());
    return node.emptied ? data / kFrontStep * kFrontStep : 0;
  }

  static constexpr std::uint64_t kAllLost = 0, kEmpty = 1, kZeros = 2, kNothingLost = 3;

  // Neighbouring numbers shall not begin alike.
  static std::uint64_t mixed(std::uint64_t variant) {
    variant = (variant + 1) * 0x9E3779B97F4A7C15;
    return variant ^ (variant >> 29);
  }

  std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }

  bool keepsName() { return variant_ == kAllLost ? false : variant_ <= kNothingLost ? true : roll(2) == 1; }

  std::string contentOf(const Node& node) {
    if (node.pending.empty()) return node.durable;
    switch (variant_ <= kNothingLost ? variant_ : roll(6)) {
      case kAllLost:
      case kEmpty:
        return node.durable;
      case kZeros:
        return zeros(node);
      case kNothingLost:
        return node.content;
      default:
        return torn(node);
    }
  }

  static std::string zeros(const Node& node) {
    std::string content = node.durable;
    for (const auto& write : node.pending) put(content, write.offset, std::string(write.bytes.size(), '\0'));
    return content;
  }

  // Some of the writes, and part of one more.
  std::string torn(const Node& node) {
    std::string content = node.durable;
    const std::uint64_t whole = roll(node.pending.size());
    for (std::uint64_t at = 0; at < whole; ++at) put(content, node.pending[at].offset, node.pending[at].bytes);
    const Write& last = node.pending[whole];
    put(content, last.offset, std::string_view(last.bytes).substr(0, roll(last.bytes.size() + 1)));
    return content;
  }

  const DiskModel& disk_;
  std::uint64_t variant_;
  std::mt19937_64 random_;
  std::map<NodeId, Names> names_;
};

void DiskModel::rebuild(Files& files, const Path& into, std::uint64_t variant) const {
  Cut(*this, variant).make(files, into, kRoot);
}

}  // namespace tenon::host
