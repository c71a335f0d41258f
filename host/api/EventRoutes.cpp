// What happened: a list, or a stream that goes on (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#include "host/api/AgentApi.h"
#include "host/base/Text.h"

namespace tenon::host {

namespace {

constexpr std::size_t kMostEvents = 1000;
constexpr std::size_t kAtOnce = 50;
constexpr std::string_view kEventStream = "text/event-stream";

class EventStream final : public HttpStream {
 public:
  // `after`: the id of the last event that the reader has seen. The log outlives the stream.
  EventStream(const EventLog& events, std::uint64_t after) : events_(events), seen_(after) {
    // Its numbers began anew: the reader has seen another log.
    if (seen_ > events_.last()) missed_ = std::exchange(seen_, 0);
  }

  std::string next() override {
    const auto events = events_.after(seen_, kAtOnce);
    if (events.empty()) return "";
    if (seen_ > 0 && events.front().id != seen_ + 1) missed_ = seen_;
    std::string text;
    if (missed_ > 0) text = "event: missed\ndata: " + JsonObject().set("after", std::exchange(missed_, 0)).text() + "\n\n";
    for (const auto& event : events) {
      text += "id: " + std::to_string(event.id) + "\ndata: " + event.toJson().text() + "\n\n";
    }
    seen_ = events.back().id;
    return text;
  }
  std::string_view sign() const override { return ":\n\n"; }

 private:
  const EventLog& events_;
  std::uint64_t seen_;
  std::uint64_t missed_ = 0;  // there were more after that one, which are gone
};

}  // namespace

void AgentApi::addEventRoutes(Router& router) {
  router.add("GET", "/v1/events", [this](HttpRequest& request, HttpReply& reply) {
    const EventLog& events = with_.life.events;
    const auto after = wholeNumber(request.query("after"));
    if (request.header("Accept").find(kEventStream) != std::string::npos) {
      // What a reader that comes back says counts for more than the address, which is that of its first time.
      const auto seen = wholeNumber(request.header("Last-Event-ID"));
      return reply.stream(kEventStream, std::make_unique<EventStream>(events, seen ? *seen : after.value_or(events.last())));
    }
    JsonArray rows;
    for (const auto& event : events.after(after.value_or(0), kMostEvents)) rows.add(event.toJson());
    reply.json(200, JsonObject().set("events", rows).text());
  });
}

}  // namespace tenon::host
