// Bodies by length, by chunks and to the end of a connection, as they come from a real one. The input: what ends the body,
// how much of it came with the head, and in what pieces it is read; then the bytes.
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "host/http/wire/BodyReader.h"
#include "tests/fuzz/Fuzz.h"

namespace tenon::host {
namespace {

constexpr std::size_t kMostBytes = 8192;  // fits into a socket at once: nobody waits for anybody

// A connection on which these bytes have come, and then the end.
Socket connectionWith(std::string_view bytes) {
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
  Poco::Net::StreamSocket theirs(new Poco::Net::StreamSocketImpl(ends[0])), ours(new Poco::Net::StreamSocketImpl(ends[1]));
  if (!bytes.empty()) {
    must(theirs.sendBytes(bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()),
         "a socket has room");
  }
  theirs.close();
  ours.setBlocking(false);
  return Socket::over(ours);
}

struct Heard {
  std::string body, rest;
  bool fine = false;
};

Heard hear(std::string_view bytes, BodyFraming framing, std::size_t buffered, std::size_t each) {
  static const SystemClock clock;
  buffered = std::min(buffered, bytes.size());
  auto socket = connectionWith(bytes.substr(buffered));
  BodyReader reader({.socket = socket, .clock = clock, .stall = Millis{1000}}, framing,
                    std::string(bytes.substr(0, buffered)));
  Heard heard;
  std::vector<char> piece(each);
  while (true) {
    const auto got = reader.read(piece.data(), piece.size());
    if (!got) {
      mustBeOneLine(got.error());
      must(!reader.finished() && !reader.read(piece.data(), 1), "after an error there are only errors");
      return heard;
    }
    if (*got == 0) break;
    must(*got <= each, "no more comes than there is room for");
    heard.body.append(piece.data(), *got);
  }
  must(reader.finished(), "nothing more means the end");
  heard.fine = true;
  heard.rest = reader.takeBuffered();
  for (bool more = true; more;) {  // what was never read belongs to the next message too
    const auto got = socket.receiveNow(piece.data(), piece.size());
    more = got && *got && **got > 0;
    if (more) heard.rest.append(piece.data(), **got);
  }
  return heard;
}

// Chunks, read the simple way: nothing where they are not exactly as RFC 9112, 7.1 has them.
bool simpleChunks(std::string_view bytes, std::string& body, std::string_view& rest) {
  while (true) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos || end == 0 || bytes[end - 1] != '\r') return false;
    const auto size = std::string(bytes.substr(0, std::min(bytes.find(';'), end - 1)));
    if (size.empty() || size.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return false;
    bytes.remove_prefix(end + 1);
    const auto digits = size.find_first_not_of('0');
    if (digits == std::string::npos) break;
    if (size.size() - digits > 8) return false;
    const auto count = std::stoull(size, nullptr, 16);
    if (count > bytes.size() || bytes.substr(count, 2) != "\r\n") return false;
    body += bytes.substr(0, count);
    bytes.remove_prefix(count + 2);
  }
  while (true) {
    const auto end = bytes.find("\n");
    if (end == std::string_view::npos || end == 0 || bytes[end - 1] != '\r') return false;
    bytes.remove_prefix(end + 1);
    if (end > 1) continue;
    rest = bytes;
    return true;
  }
}

}  // namespace
}  // namespace tenon::host

using namespace tenon::host;

TENON_FUZZ(text) {
  const auto how = takeByte(text);
  const std::size_t buffered = takeByte(text) * 8U, each = 1U + takeByte(text) * 3U;
  text = text.substr(0, kMostBytes);
  const auto kind = how % 3 == 0   ? BodyFraming::Kind::Length
                    : how % 3 == 1 ? BodyFraming::Kind::UntilClose
                                   : BodyFraming::Kind::Chunked;
  const std::uint64_t length = kind == BodyFraming::Kind::Length ? how / 3U + 1U : 0U;
  const auto heard = hear(text, {kind, length}, buffered, each);
  const auto atOnce = hear(text, {kind, length}, text.size(), kMostBytes);
  must(heard.fine == atOnce.fine, "a body is whole or not, however it comes");
  if (!heard.fine) {
    if (kind == BodyFraming::Kind::Length)
      must(text.size() < length, "a body by length breaks off only where it ends early");
    must(kind != BodyFraming::Kind::UntilClose, "what ends with its connection is whole");
    return;
  }
  must(heard.body == atOnce.body && heard.rest == atOnce.rest, "a body is the same, however it comes");
  if (kind == BodyFraming::Kind::UntilClose) return must(heard.body == text, "all of it is the body");
  if (kind == BodyFraming::Kind::Length) {
    return must(heard.body.size() == length && heard.body + heard.rest == text, "a body by length has that length");
  }
  std::string body;
  std::string_view rest;
  must(simpleChunks(text, body, rest), "accepted chunks are those of the standard");
  must(body == heard.body && rest == heard.rest, "chunks mean what they mean to others");
}
