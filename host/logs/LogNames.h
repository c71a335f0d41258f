// How the files of one version's log are called. Purely lexical.
//
//   logs/1.3.0.log                                   what the service appends to
//        1.3.0.000000000000-000067108864.log.gz      an archive: the bytes from the first offset up to the second
//        1.3.0.000067108864-000134217728.log         the same, not packed yet
//        1.3.0.000000000000-000067108864.67108864.part   an archive being made, and up to where the log is emptied then
//        1.3.0.log.marks                             when it was how long, and where runs began
//
// Offsets count the bytes that the version has ever logged. They have at least twelve digits, so that `ls` sorts them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/Path.h"

namespace tenon::host {

struct LogPartName {
  enum class Kind { Archive, Sealed, Unfinished };
  Kind kind = Kind::Archive;
  std::uint64_t begin = 0, end = 0;
  std::uint64_t emptied = 0;  // Unfinished: up to where in the log's file
};

class LogNames {
 public:
  // `log`: "<folder>/<version>.log".
  explicit LogNames(Path log);

  const Path& log() const { return log_; }
  Path folder() const { return log_.parent(); }
  Path marks() const { return folder() / (log_.name() + ".marks"); }
  Path trial() const { return folder() / (log_.name() + ".try"); }  // to find out what the disk can
  Path path(const LogPartName& part) const;
  // Of a name in the folder; nothing where it is none of this version's.
  std::optional<LogPartName> parse(std::string_view name) const;

  // The version that a file of a folder of logs belongs to; "" where it is none of ours.
  static std::string versionOf(std::string_view name);

 private:
  Path log_;
  std::string stem_;  // "1.3.0."
};

}  // namespace tenon::host
