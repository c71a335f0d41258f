// The secret that lets a client publish. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>

#include "host/adapter/Files.h"
#include "host/contract/Digest.h"

namespace tenon::host {

class HubToken {
 public:
  // Reads the file, or makes it: 64 random hex digits, for the owner alone. format-invalid where it holds no token.
  static Result<HubToken> open(Files& files, const Path& file);

  // Takes as long whatever the text. `authorization`: the header, "Bearer <token>".
  bool allows(std::string_view authorization) const;
  const Path& file() const { return file_; }
  bool wasMade() const { return made_; }

 private:
  HubToken(Path file, Digest token, bool made) : file_(std::move(file)), token_(token), made_(made) {}
  Path file_;
  Digest token_;  // its hash: comparing hashes tells nothing of the token
  bool made_;
};

}  // namespace tenon::host
