// An answer on its way: text (head and small body), then perhaps a file. Sent in steps that never wait, so that a slow
// reader costs a connection and no thread.
#pragma once

#include <optional>
#include <string>

#include "host/http/wire/FileBody.h"

namespace tenon::host {

class Outgoing {
 public:
  enum class Step {
    Done,     // all of it is with the kernel
    Blocked,  // the socket takes no more now
    More,     // a turn's worth has gone; let others have the thread
  };

  Outgoing() = default;
  explicit Outgoing(std::string text) : text_(std::move(text)) {}
  Outgoing(std::string text, FileBody file) : text_(std::move(text)), file_(std::move(file)) {}
  Outgoing(Outgoing&&) noexcept = default;
  Outgoing& operator=(Outgoing&& other) noexcept;

  // One thread at a time. An error means that the connection is lost, or can only be cut (the file shrank).
  Result<Step> send(Socket& socket);

 private:
  std::string text_;
  std::size_t sent_ = 0;  // of the text
  std::optional<FileBody> file_;
};

}  // namespace tenon::host
