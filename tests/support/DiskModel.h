// What a disk holds, and what of it would survive a power cut: the memory of FakeFiles. As pessimistic as POSIX allows: a
// change of a name is lost or kept on its own until its folder was synced, content until its file was; a rename is one
// change. Owned by FakeFiles, whose lock guards it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/adapter/Files.h"

namespace tenon::host {

class DiskModel {
 public:
  using NodeId = std::uint64_t;  // 0: none, or outside of the root
  static constexpr NodeId kRoot = 1;

  struct Place {
    NodeId folder = 0;
    std::string name;
  };

  // Takes what lies under `root` for durable.
  DiskModel(Files& real, const Path& root);

  // Folder 0 where the path is outside, or its folder is not there.
  Place locate(const Path& path) const;
  NodeId find(const Path& path) const;
  NodeId find(const Place& place) const;

  NodeId addFolder(const Place& place);
  NodeId addFile(const Place& place, bool executable);
  void addSymlink(const Place& place, std::string_view target);
  void addClone(const Place& place, NodeId of);  // content of its own, as little durable as a copy's
  void addLink(const Place& place, NodeId of);   // another name of the same
  void write(NodeId file, std::uint64_t offset, std::string_view bytes, bool append);
  void rename(const Place& from, const Place& to);
  void remove(const Place& place);  // with all below, each name a change of its own

  void emptyFront(NodeId file, std::uint64_t bytes);  // zeros, which rebuild() writes as a hole; durable
  // In the order of a journal: with what was synced before it, or not at all. A cut before the next sync of the file
  // finds it kept; one just before the call finds it lost.
  void cutFront(NodeId file, std::uint64_t bytes);

  void syncFile(NodeId file);
  void syncFolder(NodeId folder);
  void syncAll(NodeId folder);  // content and names, of all below

  // Makes in the empty folder `into` what a cut may leave. Variant 0: all that was not durable is lost. 1: names are kept,
  // content that was not durable is not. 2: the same, but of full length, zeros in place of bytes. 3: nothing is lost.
  // From 4: a mixture, another for each number, always the same for one.
  void rebuild(Files& files, const Path& into, std::uint64_t variant) const;

 private:
  struct Write {
    std::uint64_t offset;
    std::string bytes;
  };
  using Names = std::map<std::string, NodeId>;
  struct Node {
    FileKind kind = FileKind::File;
    bool executable = false;
    bool emptied = false;          // its front, once
    std::string target;            // of a symlink
    std::string content, durable;  // of a file: now, and at its last sync
    std::vector<Write> pending;    // since then
    Names names, durableNames;     // of a folder
  };
  struct Change {
    std::uint64_t operation;  // what belongs together is lost together
    NodeId folder;
    std::string name;
    NodeId node;  // 0: the name goes
    bool moves;   // part of the move of a folder, which is never in two places
  };
  class Cut;

  NodeId load(Files& real, const Path& path, const FileInfo& info);
  NodeId add(const Place& place, Node node);
  void change(const Place& place, NodeId node, std::uint64_t operation, bool moves);
  void settle(const Change& change);

  Path root_;
  std::map<NodeId, Node> nodes_;
  std::vector<Change> changes_;  // not durable yet, in order
  NodeId lastNode_ = 0;
  std::uint64_t lastOperation_ = 0;
};

}  // namespace tenon::host
