// How long a transfer is tried: back-off with jitter while the network fails, an end where it gets no further, and a least
// rate while it does. Internal to package; one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <random>

#include "host/base/Clock.h"
#include "host/base/Limits.h"
#include "host/base/Result.h"
#include "host/http/HttpClient.h"

namespace tenon::host {

// Connection lost, too slow, no sense in the answer: what may be better the next time.
bool mayPass(const Error& error);

// What was fetched is of use to the next download; after any other error it is of none.
bool isForResume(const Error& error);

// An answer that brings no bytes of the package: what it means, and whether asking again could change it.
struct Refusal {
  Error error;
  bool isFinal;
};
Refusal refusalOf(int status);

// How long a busy server asks to be left alone, where it says so in seconds; else nothing.
Millis askedToWait(const HttpResponse& head);

// A weak ETag says "equivalent", not "the same bytes": no use for a Range (RFC 9110, 13.1.5).
bool isStrongEtag(const std::string& etag);

// Too few bytes over a window: a server that trickles would hold a change for ever.
class RateWatch {
 public:
  explicit RateWatch(const Clock& clock) : clock_(clock), began_(clock.now()) {}
  Result<void> add(std::size_t bytes);  // network-slow

 private:
  const Clock& clock_;
  Instant began_;
  std::uint64_t bytes_ = 0;
};

class Attempts {
 public:
  using Wait = std::function<void(Millis)>;

  // `done`: bytes that were here before the first attempt. Both references outlive this.
  Attempts(const Wait& wait, const std::atomic<bool>& cancelled, std::uint64_t done, std::uint64_t total)
      : wait_(wait), cancelled_(cancelled), furthest_(done), total_(total), random_(std::random_device{}()) {}
  // Of something small, that comes as a whole or not at all.
  Attempts(const Wait& wait, const std::atomic<bool>& cancelled, int most)
      : wait_(wait), cancelled_(cancelled), most_(most), random_(std::random_device{}()) {}

  // After an attempt that failed: waits for the next one, at least as long as the server asked for. The error itself where
  // there is none, or where that is longer than anybody waits here; cancelled where that was asked for meanwhile. An attempt
  // that got noticeably further than any before does not count.
  Result<void> again(const Error& error, std::uint64_t done, Millis asked = Millis(0));

 private:
  Result<void> pause(Millis atLeast);

  const Wait& wait_;
  const std::atomic<bool>& cancelled_;
  std::uint64_t furthest_ = 0, total_ = 0;
  int most_ = limits::kDownloadAttempts, failures_ = 0;
  std::minstd_rand random_;
};

}  // namespace tenon::host
