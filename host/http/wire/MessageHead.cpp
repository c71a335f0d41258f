#include "host/http/wire/MessageHead.h"

#include <Poco/Net/HTTPResponse.h>

#include <algorithm>

#include "host/base/Text.h"
#include "host/base/Utf8.h"

namespace tenon::host {
namespace {

constexpr std::size_t kMethodBytes = 32;

template <class... Parts>
tl::unexpected<HeadFault> refuse(int status, Parts&&... parts) {
  std::string why;
  (why.append(parts), ...);
  return tl::unexpected(HeadFault{status, std::move(why)});
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

int hexValue(char c) {
  if (isDigit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// Takes the next line off `text`.
std::optional<std::string_view> nextLine(std::string_view& text, bool bareLineFeeds) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
    return line;
  }
  if (bareLineFeeds) return line;
  return std::nullopt;
}

HeadResult<HttpHeaders> readFields(std::string_view text, bool bareLineFeeds) {
  HttpHeaders headers;
  while (true) {
    const auto line = nextLine(text, bareLineFeeds);
    if (!line) return refuse(400, "a header line does not end in CR LF");
    if (line->empty()) break;
    if (headers.size() == limits::kHttpHeaderFields)
      return refuse(431, "more than ", std::to_string(headers.size()), " headers");
    if (line->front() == ' ' || line->front() == '\t') return refuse(400, "a folded header line");
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !isToken(line->substr(0, colon))) {
      return refuse(400, "a header line without a plain name before its colon");
    }
    const std::string_view value = trimmed(line->substr(colon + 1), kBlanks);
    if (!isHeaderValue(value)) return refuse(400, "a control character in a header");
    headers.emplace_back(line->substr(0, colon), value);
  }
  if (!text.empty()) return refuse(400, "bytes after the head");
  return headers;
}

std::size_t count(const HttpHeaders& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& each) { return equalsIgnoringCase(each.first, name); }));
}

// `otherwise`: where neither header is there.
HeadResult<BodyFraming> readFraming(const HttpHeaders& headers, BodyFraming::Kind otherwise) {
  const auto lengths = count(headers, "Content-Length");
  const auto codings = count(headers, "Transfer-Encoding");
  if (lengths > 0 && codings > 0) return refuse(400, "Content-Length beside Transfer-Encoding");
  if (lengths > 1) return refuse(400, "more than one Content-Length");
  if (codings > 1) return refuse(400, "more than one Transfer-Encoding");
  if (codings == 1) {
    const std::string coding = findHeader(headers, "Transfer-Encoding");
    if (!equalsIgnoringCase(coding, "chunked")) return refuse(501, "a Transfer-Encoding other than chunked");
    return BodyFraming{BodyFraming::Kind::Chunked, 0};
  }
  if (lengths == 0) return BodyFraming{otherwise, 0};
  const auto length = wholeNumber(findHeader(headers, "Content-Length"));
  if (!length) return refuse(400, "a Content-Length that is no number");
  return BodyFraming{*length == 0 ? BodyFraming::Kind::None : BodyFraming::Kind::Length, *length};
}

// host[:port], [v6][:port]; only characters that belong there.
bool isHost(std::string_view text) {
  if (text.empty() || text.size() > 262) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
           c == ']';
  });
}

HeadResult<std::string> readPath(std::string_view raw) {
  for (std::size_t at = 0; at + 2 < raw.size(); ++at) {
    if (raw[at] == '%' && raw[at + 1] == '2' && lower(raw[at + 2]) == 'f') return refuse(400, "an encoded '/' in the path");
  }
  const auto decoded = decodePercent(raw, false);
  if (!decoded) return refuse(400, "a broken % in the path");
  if (std::any_of(decoded->begin(), decoded->end(), [](char c) { return isControl(c) || c == '\\'; })) {
    return refuse(400, "a control character or a backslash in the path");
  }
  if (!isUtf8(*decoded)) return refuse(400, "a path that is not UTF-8");
  if (*decoded == "/") return *decoded;
  for (std::size_t begin = 1; begin <= decoded->size();) {
    const auto end = std::min(decoded->find('/', begin), decoded->size());
    const std::string_view part = std::string_view(*decoded).substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return refuse(400, "an empty part, '.' or '..' in the path");
    begin = end + 1;
  }
  return *decoded;
}

HeadResult<void> readTarget(std::string_view target, RequestHead& head) {
  if (target.size() > limits::kHttpTargetBytes)
    return refuse(414, "a target of more than ", std::to_string(limits::kHttpTargetBytes), " bytes");
  if (!target.starts_with('/')) return refuse(400, "a target that does not begin with '/'");
  for (const char c : target) {
    if (c <= ' ' || c > '~' || c == '#' || c == '\\') return refuse(400, "a character in the target that must be encoded");
  }
  const auto question = target.find('?');
  auto path = readPath(target.substr(0, question));
  if (!path) return tl::unexpected(path.error());
  head.path = *std::move(path);
  if (question == std::string_view::npos) return {};
  head.query = target.substr(question + 1);
  if (!decodePercent(head.query, true)) return refuse(400, "a broken % in the query");
  return {};
}

// METHOD SP target SP HTTP/1.x. Sets keepAlive to the version's default.
HeadResult<void> readRequestLine(std::string_view line, RequestTarget target, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse(400, "a request line that is not 'METHOD /path HTTP/1.1'");
  head.method = line.substr(0, first);
  if (head.method.size() > kMethodBytes || !isToken(head.method)) return refuse(400, "a method that is no word");
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.starts_with("HTTP/") ? refuse(505, "a version other than HTTP/1.1") : refuse(400, "no HTTP version");
  }
  head.keepAlive = version == "HTTP/1.1";
  const std::string_view text = line.substr(first + 1, last - first - 1);
  if (target == RequestTarget::Checked) return readTarget(text, head);
  if (text.empty() || std::any_of(text.begin(), text.end(), [](char c) { return isControl(c) || c == ' '; })) {
    return refuse(400, "a target with a blank or a control character");
  }
  head.path = text;
  return {};
}

// What the headers say together.
HeadResult<void> readMeaning(RequestHead& head) {
  const bool oldVersion = !head.keepAlive;
  const auto hosts = count(head.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !oldVersion)) return refuse(400, "not exactly one Host");
  if (hosts == 1 && !isHost(findHeader(head.headers, "Host"))) return refuse(400, "a Host that is no name and port");
  if (oldVersion && count(head.headers, "Transfer-Encoding") > 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
  auto framing = readFraming(head.headers, BodyFraming::Kind::None);
  if (!framing) return tl::unexpected(framing.error());
  head.body = *framing;
  const std::string connection = findHeader(head.headers, "Connection");
  if (oldVersion) head.keepAlive = listHas(connection, "keep-alive");
  if (listHas(connection, "close")) head.keepAlive = false;
  const std::string expect = findHeader(head.headers, "Expect");
  if (!expect.empty() && !equalsIgnoringCase(expect, "100-continue"))
    return refuse(417, "an Expect other than 100-continue");
  head.expectsContinue = !expect.empty() && !oldVersion;
  return {};
}

}  // namespace

HeadResult<RequestHead> readRequestHead(std::string_view text, RequestTarget target) {
  RequestHead head;
  const auto line = nextLine(text, false);
  if (!line) return refuse(400, "a request line that does not end in CR LF");
  if (auto fine = readRequestLine(*line, target, head); !fine) return tl::unexpected(fine.error());
  auto fields = readFields(text, false);
  if (!fields) return tl::unexpected(fields.error());
  head.headers = *std::move(fields);
  if (auto fine = readMeaning(head); !fine) return tl::unexpected(fine.error());
  return head;
}

HeadResult<ResponseHead> readResponseHead(std::string_view text, std::string_view method) {
  ResponseHead head;
  const auto line = nextLine(text, true);
  if (!line || !(line->starts_with("HTTP/1.1 ") || line->starts_with("HTTP/1.0 ")))
    return refuse(502, "not an HTTP/1.1 answer");
  const auto status = wholeNumber(line->substr(9, 3));
  if (!status || *status < 100 || *status > 999 || (line->size() > 12 && (*line)[12] != ' '))
    return refuse(502, "no HTTP status");
  head.status = static_cast<int>(*status);
  auto fields = readFields(text, true);
  if (!fields) return tl::unexpected(fields.error());
  head.headers = *std::move(fields);
  const std::string connection = findHeader(head.headers, "Connection");
  head.keepAlive = !listHas(connection, "close") && (line->starts_with("HTTP/1.1") || listHas(connection, "keep-alive"));
  if (method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304) return head;
  auto framing = readFraming(head.headers, BodyFraming::Kind::UntilClose);
  if (!framing) return tl::unexpected(framing.error());
  head.body = *framing;
  if (head.body.kind == BodyFraming::Kind::UntilClose) head.keepAlive = false;
  return head;
}

std::size_t endOfHead(std::string_view text, std::size_t from) {
  for (auto at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

std::string reasonPhrase(int status) {
  using Poco::Net::HTTPResponse;
  return HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status));
}

std::string findHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [each, value] : headers) {
    if (equalsIgnoringCase(each, name)) return value;
  }
  return {};
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool listHas(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equalsIgnoringCase(trimmed(list.substr(0, comma), kBlanks), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::string findQuery(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (decodePercent(pair.substr(0, equals), true) != name) continue;
    return decodePercent(pair.substr(std::min(equals + 1, pair.size())), true).value_or("");
  }
  return {};
}

std::optional<std::string> decodePercent(std::string_view text, bool plusIsSpace) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plusIsSpace) {
      out += ' ';
    } else if (text[at] != '%') {
      out += text[at];
    } else {
      const int high = at + 2 < text.size() ? hexValue(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hexValue(text[at + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return out;
}

bool isHeaderValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return isControl(c) && c != '\t'; });
}

bool isToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace tenon::host
