// Answers without an end.
#include <deque>

#include "tests/host/http/HttpFixture.h"

namespace tenon::host {
namespace {

using std::chrono::seconds;

// Gives each of its readers everything that was ever put into it.
class Source {
 public:
  void put(std::string piece) {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
  }
  std::string at(std::size_t place) const {
    const std::lock_guard lock(mutex_);
    return place < pieces_.size() ? pieces_[place] : "";
  }
  std::atomic<int> readers{0};

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> pieces_;
};

class SourceStream final : public HttpStream {
 public:
  explicit SourceStream(Source& source) : source_(source) { ++source_.readers; }
  ~SourceStream() override { --source_.readers; }
  std::string next() override {
    std::string piece = source_.at(place_);
    if (!piece.empty()) ++place_;
    return piece;
  }
  std::string_view sign() const override { return "."; }

 private:
  Source& source_;
  std::size_t place_ = 0;
};

class HttpStreams : public HttpServerFixture {
 protected:
  void serveStreams() {
    Router router;
    router.add("GET", "/stream", [this](HttpRequest&, HttpReply& reply) {
      reply.stream("text/plain", std::make_unique<SourceStream>(source_));
    });
    serve(std::move(router));
  }
  RawClient reader() {
    RawClient client = connect();
    EXPECT_EQ(client.ask(get("/stream")).status(), 200);
    return client;
  }
  void put(std::string piece) {
    source_.put(std::move(piece));
    server_->wakeStreams();
  }
  static std::string receive(RawClient& client, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      const std::string piece = client.receiveSome();
      if (piece.empty()) break;
      text += piece;
    }
    return text;
  }

  Source source_;
};

TEST_F(HttpStreams, SendWhatComesToAllWhoRead) {
  source_.put("before ");
  serveStreams();
  RawClient first = connect();
  const RawAnswer head = first.ask(get("/stream"));
  EXPECT_TRUE(head.has("Content-Type: text/plain"));
  EXPECT_TRUE(head.has("Connection: close"));
  EXPECT_EQ(head.head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(receive(first, 7), "before ");
  RawClient second = reader();
  put("after");
  EXPECT_EQ(receive(first, 5), "after");
  EXPECT_EQ(receive(second, 12), "before after");
}

TEST_F(HttpStreams, OfManyWaitOnNoThread) {
  serveStreams();
  std::deque<RawClient> readers;
  for (int i = 0; i < 100; ++i) readers.push_back(reader());
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");
  put("for all");
  for (auto& each : readers) EXPECT_EQ(receive(each, 7), "for all");
}

TEST_F(HttpStreams, WaitForASlowReaderAndHoldUpNobody) {
  serveStreams();
  RawClient slow = reader(), quick = reader();
  const std::string large(1 << 20, 'x');
  std::size_t bytes = 0;
  for (int i = 0; i < 20; ++i, bytes += large.size() + 1) put(large + static_cast<char>('a' + i));
  EXPECT_EQ(receive(quick, bytes).size(), bytes);
  EXPECT_EQ(connect().ask(get("/hello")).body, "hello");
  std::string letters;
  for (const char c : receive(slow, bytes)) {
    if (c != 'x') letters += c;
  }
  EXPECT_EQ(letters, "abcdefghijklmnopqrst") << "all of it, in order";
}

TEST_F(HttpStreams, OfAReaderThatIsGoneAreForgotten) {
  serveStreams();
  {
    const RawClient gone = reader();
    EXPECT_EQ(source_.readers, 1);
  }
  settle();
  settle();
  EXPECT_EQ(source_.readers, 0);
}

TEST_F(HttpStreams, GiveASignAfterAWhileWithoutAnything) {
  serveStreams();
  RawClient client = reader();
  settle();
  clock_.advance(seconds(14));
  put("a");
  EXPECT_EQ(receive(client, 1), "a");
  settle();
  clock_.advance(seconds(14));  // 28 s after the first, 14 after the last
  settle();
  put("b");
  EXPECT_EQ(receive(client, 1), "b");
  settle();
  clock_.advance(seconds(16));
  settle();
  EXPECT_EQ(receive(client, 1), ".");
  settle();
  clock_.advance(seconds(16));
  settle();
  EXPECT_EQ(receive(client, 1), ".");
}

TEST_F(HttpStreams, EndWithTheServer) {
  serveStreams();
  RawClient client = reader();
  server_->stop();
  EXPECT_TRUE(client.ended());
  server_.reset();
  EXPECT_EQ(source_.readers, 0);
}

TEST_F(HttpStreams, ReadOverWhatTheReaderSends) {
  serveStreams();
  RawClient client = reader();
  client.send(get("/hello"));
  settle();
  put("still there");
  EXPECT_EQ(receive(client, 11), "still there");
}

TEST_F(HttpStreams, HaveAHeadWithoutABody) {
  source_.put("never sent");
  serveStreams();
  RawClient client = connect();
  EXPECT_EQ(client.ask("HEAD /stream HTTP/1.1\r\nHost: here\r\n\r\n", true).status(), 200);
  EXPECT_EQ(source_.readers, 0);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

}  // namespace
}  // namespace tenon::host
