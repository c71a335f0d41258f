#include "host/http/wire/HeadReader.h"

#include <array>

#include "host/base/Limits.h"

namespace tenon::host {

Result<std::string> readHead(Socket& socket, std::string& buffer, const Clock& clock, Instant end) {
  std::size_t line = 0;
  while (true) {
    for (auto feed = buffer.find('\n', line); feed != std::string::npos; feed = buffer.find('\n', line)) {
      const auto length = feed - line;
      const bool last = line > 0 && (length == 0 || (length == 1 && buffer[line] == '\r'));
      line = feed + 1;
      if (!last) continue;
      std::string text = buffer.substr(0, line);
      buffer.erase(0, line);
      return text;
    }
    if (buffer.size() > limits::kHttpHeaderBytes) return Error(ErrorCode::NetworkProtocol, "the answer's head is too long");
    const auto left = std::chrono::duration_cast<Millis>(end - clock.now());
    if (left.count() <= 0) return Error(ErrorCode::NetworkSlow, "no complete answer came in time");
    std::array<char, 16 * limits::KiB> piece;
    TENON_TRY(const std::size_t got, socket.receive(piece.data(), piece.size(), left));
    if (got == 0) return Error(ErrorCode::NetworkProtocol, "the connection was closed before an answer");
    buffer.append(piece.data(), got);
  }
}

}  // namespace tenon::host
