#include "platform/linux/process/Channels.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace tenon::platform {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLengthBytes = 4, kUsualBytes = 16u << 10;
constexpr int kEndMillis = 1000;  // from the end of its descriptors to the end of a process: a core file may be written

enum class Flow { Done, Ended, Late, Failed };  // Failed: errno says why

// One exchange's turns at the socket, all within its time. As few calls as can be: they are most of what an exchange costs.
class Turns {
 public:
  Turns(int socket, int helper, std::uint32_t timeoutMs)
      : socket_(socket), helper_(helper), end_(Clock::now() + std::chrono::milliseconds(timeoutMs)) {}

  Flow send(std::string_view message) {
    auto length = lengthOf(message.size());
    std::array<iovec, 2> rest = {iovec{length.data(), length.size()},
                                 iovec{const_cast<char*>(message.data()), message.size()}};  // sendmsg only reads it
    for (;;) {
      msghdr parts = {};
      parts.msg_iov = rest.data();
      parts.msg_iovlen = rest.size();
      const ssize_t sent = ::sendmsg(socket_, &parts, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) takeOff(rest, static_cast<std::size_t>(sent));
      if (rest[1].iov_len == 0 && rest[0].iov_len == 0) return Flow::Done;
      if (sent > 0) continue;
      if (const Flow flow = goOn(sent, POLLOUT); flow != Flow::Done) return flow;
    }
  }

  // More than TENON_MESSAGE_MAX_BYTES: only the length is taken.
  Flow receive(std::string& message, std::size_t& length) {
    std::string got(kUsualBytes, '\0');
    std::size_t have = 0;
    length = 0;
    if (const Flow flow = await(POLLIN); flow != Flow::Done) return flow;
    while (have < kLengthBytes || have - kLengthBytes < length) {
      const ssize_t received = ::recv(socket_, got.data() + have, got.size() - have, MSG_DONTWAIT);
      if (received <= 0) {
        if (const Flow flow = goOn(received, POLLIN); flow != Flow::Done) return flow;
        continue;
      }
      have += static_cast<std::size_t>(received);
      if (have < kLengthBytes) continue;
      length = numberIn(got);
      if (length > TENON_MESSAGE_MAX_BYTES) return Flow::Done;
      got.resize(std::max(got.size(), kLengthBytes + length));
    }
    message = got.substr(kLengthBytes, length);
    return Flow::Done;
  }

 private:
  static void takeOff(std::array<iovec, 2>& rest, std::size_t bytes) {
    for (auto& part : rest) {
      const std::size_t off = std::min(bytes, part.iov_len);
      part = {static_cast<char*>(part.iov_base) + off, part.iov_len - off};
      bytes -= off;
    }
  }

  // After a call that moved nothing.
  Flow goOn(ssize_t moved, short event) const {
    if (moved == 0 || errno == EPIPE || errno == ECONNRESET) return Flow::Ended;
    if (errno == EINTR) return Flow::Done;
    return errno == EAGAIN ? await(event) : Flow::Failed;
  }

  // The end of the helper is looked for, too: what it has started may hold the other end of the socket, still.
  Flow await(short event) const {
    std::array<pollfd, 2> waited = {pollfd{socket_, event, 0}, pollfd{helper_, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
    if (left <= 0) return Flow::Late;
    const int ready = ::poll(waited.data(), waited.size(), static_cast<int>(std::min<std::int64_t>(left, INT32_MAX)));
    if (ready < 0 && errno != EINTR) return Flow::Failed;
    if (ready == 0) return Flow::Late;
    return ready > 0 && waited[0].revents == 0 ? Flow::Ended : Flow::Done;
  }

  static std::array<char, kLengthBytes> lengthOf(std::size_t bytes) {
    std::array<char, kLengthBytes> length;
    for (std::size_t at = 0; at < kLengthBytes; ++at) length[at] = static_cast<char>(bytes >> 8 * at & 0xFF);
    return length;
  }

  static std::size_t numberIn(std::string_view length) {
    std::size_t bytes = 0;
    for (std::size_t at = kLengthBytes; at-- > 0;) bytes = bytes << 8 | static_cast<unsigned char>(length[at]);
    return bytes;
  }

  const int socket_, helper_;
  const Clock::time_point end_;
};

Fault tooLargeFault() {
  return {TENON_INVALID, "a message of more than " + std::to_string(TENON_MESSAGE_MAX_BYTES) + " bytes", "limit-exceeded"};
}

}  // namespace

Channels::~Channels() {
  for (const auto& [number, channel] : channels_) processes_.endHelper(channel->helper);
}

Outcome Channels::open(std::string_view request, tenon_file library, tenon_channel& channel, std::string& identity) {
  const auto sealed = files_.sealed(library);
  if (library != 0 && !sealed) return invalid("library", "library: no sealed file is known by " + std::to_string(library));
  std::array<int, 2> ends = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return osFault("make a channel", errno);
  auto made = std::make_shared<Channel>();
  made->socket = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  const HelperEnds given{theirs.get(), sealed ? sealed->descriptor.get() : -1};
  if (auto fault = processes_.spawnHelper(given, request, made->helper, identity)) return fault;
  const std::lock_guard lock(mutex_);
  channel = ++last_;
  channels_.emplace(channel, std::move(made));
  return kDone;
}

Fault Channels::explainEnd(const Channel& channel) {
  tenon_ended ended = {};
  Fault fault{TENON_UNAVAILABLE, "", "io-error"};
  if (!processes_.helperEnded(channel.helper, kEndMillis, ended)) {
    fault.message = "it has closed its channel";
  } else if (ended.out_of_memory != 0) {
    fault.message = "it needed more memory than it is given";
  } else if (ended.how == TENON_ENDED_SIGNAL) {
    const char* name = ::sigabbrev_np(ended.code);
    fault.message = "it ended by signal " + std::to_string(ended.code) + (name ? std::string(" (SIG") + name + ")" : "");
  } else if (ended.how == TENON_ENDED_EXIT) {
    fault.message = "it ended with exit status " + std::to_string(ended.code);
  } else {
    fault.message = "it ended";
  }
  return fault;
}

Outcome Channels::exchange(tenon_channel channel, std::string_view message, std::uint32_t timeoutMs, std::string& answer) {
  if (message.size() > TENON_MESSAGE_MAX_BYTES) return tooLargeFault();
  std::shared_ptr<Channel> one;
  {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return invalid("channel", "no channel is known by " + std::to_string(channel));
    one = found->second;
  }
  Turns turns(one->socket.get(), processes_.helperDescriptor(one->helper), timeoutMs);
  std::size_t length = 0;
  Flow flow = turns.send(message);
  if (flow == Flow::Done) flow = turns.receive(answer, length);
  const int error = errno;
  switch (flow) {
    case Flow::Done:
      return length > TENON_MESSAGE_MAX_BYTES ? Outcome(tooLargeFault()) : kDone;
    case Flow::Ended:
      return explainEnd(*one);
    case Flow::Late:
      return Fault{TENON_UNAVAILABLE, "no answer within " + std::to_string(timeoutMs) + " ms", "timeout"};
    case Flow::Failed:
      break;
  }
  return osFault("use a channel", error);
}

void Channels::close(tenon_channel channel) {
  std::shared_ptr<Channel> one;
  {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    one = std::move(found->second);
    channels_.erase(found);
  }
  processes_.endHelper(one->helper);
}

}  // namespace tenon::platform
