// Reads just as much of a service's HTTP answer as tells whether it is well, and what it says where it is not. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::host {

class HttpAnswer {
 public:
  enum class Progress { More, Done };

  // Statuses from `from` to `to` are healthy.
  HttpAnswer(int from, int to) : from_(from), to_(to) {}

  Progress take(std::string_view bytes);
  Progress peerClosed();

  // What has been understood so far; `status` is there once the whole header is.
  std::optional<int> status() const { return status_; }
  bool healthy() const { return status_ && *status_ >= from_ && *status_ <= to_; }
  // "200", "503 warming up", "not HTTP: SSH-2.0", …: one printable line.
  std::string text() const;

 private:
  Progress broken(std::string why);
  Progress readHead();
  bool readStatusLine(std::string_view line);
  void readField(std::string_view line);
  bool bodyIsEnough() const;

  int from_, to_;
  std::string head_, body_, broken_;
  std::optional<int> status_;
  std::optional<std::uint64_t> length_;
  bool chunked_ = false;
};

// One line: control characters and line ends become single spaces, bytes that are no UTF-8 '?', cut at `most` bytes.
std::string printable(std::string_view text, std::size_t most);

}  // namespace tenon::host
