// One HTTP request and its answer, as far as a relay has to understand them: where each begins and ends, and what may
// follow. Takes bytes from one buffer and puts them into another, unchanged. No I/O, one thread.
#pragma once

#include <optional>
#include <string>

#include "host/http/wire/BodyMeter.h"
#include "host/http/wire/MessageHead.h"

namespace tenon::host {

class RelayedExchange {
 public:
  // A request's head from the front of `in`, where all of it is there; blank lines before it go. What is refused, or longer
  // than limits::kHttpHeaderBytes: a fault to answer with.
  static HeadResult<std::optional<RelayedExchange>> begin(std::string& in);

  const std::string& head() const { return head_; }
  // It has no body, and asking it twice is as asking it once: RFC 9110, 9.2.2.
  bool repeatable() const { return repeatable_; }

  // Moves what belongs to the request, at most `room` bytes. network-protocol: its body is broken.
  Result<bool> moveRequest(std::string& in, std::string& out, std::size_t room);
  // Likewise for the answer, interim ones included. False: nothing moved.
  Result<bool> moveAnswer(std::string& in, std::string& out, std::size_t room);
  // The service has ended its side, and all that it had sent is moved. network-protocol where the answer is not whole.
  Result<void> endAnswer();

  bool requestDone() const { return request_.finished(); }
  bool answerBegun() const { return begun_; }          // some of it has come from the service
  bool answerPassed() const { return bool(answer_); }  // its head is on its way to the client
  bool answerDone() const { return answer_ && answer_->finished(); }
  // Another request may follow on the same two connections.
  bool keepAlive() const { return keepAlive_; }
  // The answer was 101: both sides speak something else from now on.
  bool upgraded() const { return upgraded_; }

 private:
  RelayedExchange(std::string head, const RequestHead& request);
  Result<bool> moveAnswerHead(std::string& in, std::string& out);

  std::string head_, method_;
  bool repeatable_, keepAlive_, begun_ = false, upgraded_ = false;
  BodyMeter request_;
  std::optional<BodyMeter> answer_;  // once its head has come
};

}  // namespace tenon::host
