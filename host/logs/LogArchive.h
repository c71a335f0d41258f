// A part of a log, packed: a gzip file that any zcat reads. It is made of members of up to 1 MiB of the log, each of which
// says in its header's extra field ("TN") how long it is, so that any place is found without unpacking what is before it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "host/adapter/Files.h"

namespace tenon::host {

inline constexpr std::uint64_t kLogBlockBytes = 1024 * 1024;

// One member. `block` is not empty and at most kLogBlockBytes.
std::string packLogBlock(std::string_view block);

// Any thread; each call stands for itself. `archive` holds the log's bytes from `begin` to `end`.
class LogArchive {
 public:
  // io-error, not-found, denied as the disk says.
  static Result<LogArchive> open(Files& files, const Path& path, std::uint64_t begin, std::uint64_t end);

  // The bytes from `offset` (in [begin, end)) to the end of the block that it is in. state-corrupt, naming the file, where
  // what lies there is not what was packed.
  Result<std::string> readFrom(std::uint64_t offset) const;
  // Every byte of it is read.
  Result<void> check() const;

 private:
  LogArchive(ReadFile file, std::string name, std::uint64_t begin, std::uint64_t end)
      : file_(std::move(file)), name_(std::move(name)), begin_(begin), end_(end) {}
  struct Member {
    std::uint64_t at, packed, raw;
  };
  Result<Member> memberAt(std::uint64_t at) const;
  Result<std::string> unpack(const Member& member) const;
  Error corrupt(const std::string& what) const;

  ReadFile file_;
  std::string name_;
  std::uint64_t begin_, end_;
};

}  // namespace tenon::host
