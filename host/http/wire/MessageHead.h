// The head of an HTTP/1.1 message, read once and strictly: what two readers could understand differently is refused, because
// between two readers is where requests are smuggled. Pure text, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/http/HttpClient.h"

namespace tenon::host {

// Why a head is refused, as HTTP says it.
struct HeadFault {
  int status = 400;
  std::string why;
};
template <class T>
using HeadResult = tl::expected<T, HeadFault>;

constexpr std::string_view kBlanks = " \t";  // what HTTP lets stand around a value

// How the end of a body is known.
struct BodyFraming {
  enum class Kind { None, Length, Chunked, UntilClose };
  Kind kind = Kind::None;
  std::uint64_t length = 0;
};

struct RequestHead {
  std::string method;
  std::string path;   // decoded once; checked
  std::string query;  // raw, without '?'; every %XX in it is well formed
  HttpHeaders headers;
  BodyFraming body;
  bool keepAlive = true;
  bool expectsContinue = false;
};

enum class RequestTarget {
  Checked,  // a path that is decoded, and refused where it means something else then
  AsItIs,   // for one who passes the request on: `path` is the target, raw, and `query` stays empty
};

// `text` ends with the empty line. Refused: line ends other than CRLF, folded lines, white space before a colon, two Hosts,
// two Content-Lengths, Content-Length beside Transfer-Encoding, and paths that mean something else once decoded.
HeadResult<RequestHead> readRequestHead(std::string_view text, RequestTarget target = RequestTarget::Checked);

struct ResponseHead {
  int status = 0;
  HttpHeaders headers;
  BodyFraming body;
  bool keepAlive = true;
};
// Takes bare LF too: small services write such answers. `method`: of the request that is answered.
HeadResult<ResponseHead> readResponseHead(std::string_view text, std::string_view method);

// Behind the empty line that ends a head, bare line feeds included; npos where it has not come. `from`: how far `text` was
// searched before, less three.
std::size_t endOfHead(std::string_view text, std::size_t from = 0);
// "Not Found"; Poco's words.
std::string reasonPhrase(int status);

// The first header of that name, case-insensitive; "" where absent.
std::string findHeader(const HttpHeaders& headers, std::string_view name);
bool equalsIgnoringCase(std::string_view a, std::string_view b);
// Comma-separated, case-insensitive: has("keep-alive, Upgrade", "upgrade").
bool listHas(std::string_view list, std::string_view token);
// "a=1&b=%20": the first of that name, decoded ('+' is a space); "" where absent.
std::string findQuery(std::string_view query, std::string_view name);
// Nothing where a % is not followed by two hex digits.
std::optional<std::string> decodePercent(std::string_view text, bool plusIsSpace);
// Could this text stand in a header without ending it?
bool isHeaderValue(std::string_view text);
bool isToken(std::string_view text);

}  // namespace tenon::host
