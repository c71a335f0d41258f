#include "host/metrics/MeasuredHttpClient.h"

namespace tenon::host {

Result<HttpResponse> MeasuredHttpClient::fetch(const HttpRequestOptions& request, std::size_t most) {
  auto answer = client_.fetch(request, most);
  if (answer) measured_.downloaded(answer->body.size());
  return answer;
}

Result<HttpResponse> MeasuredHttpClient::stream(const HttpRequestOptions& request, const HttpHeadCheck& head,
                                                const HttpBodySink& body) {
  return client_.stream(request, head, [&](std::string_view bytes) {
    measured_.downloaded(bytes.size());
    return body(bytes);
  });
}

}  // namespace tenon::host
