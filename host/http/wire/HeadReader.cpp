#include "host/http/wire/HeadReader.h"

#include <algorithm>
#include <array>

#include "host/base/Limits.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {

Result<std::string> readHead(Socket& socket, std::string& buffer, const Clock& clock, Instant end) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t head = endOfHead(buffer, searched);
    if (head != std::string::npos) {
      std::string text = buffer.substr(0, head);
      buffer.erase(0, head);
      return text;
    }
    searched = buffer.size() - std::min<std::size_t>(buffer.size(), 3);
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
