#include "platform/windows/process/Channels.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

namespace tenon::platform {

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr DWORD kEndMillis = 1000;       // from the end of its handles to the end of a process
constexpr DWORD kPipeBytes = 64u << 10;  // that one end may be ahead of the other
// Wine hands it to its server by one write into a Unix pipe of 64 KiB, with 64 bytes of its own before it. One that does not
// fit at once can be cut short by a signal, and Wine then ends the thread ("partial write 65536").
constexpr DWORD kMostAtOnce = 32u << 10;
constexpr DWORD kStatusOfFaults = 0xC0000000;  // NTSTATUS: what a crash ends a process with

enum class Flow { Done, Ended, Late, Failed };  // Failed: GetLastError() says why

// One exchange's turns at the pipe, all within its time.
class Turns {
 public:
  Turns(HANDLE pipe, HANDLE moved, HANDLE helper, std::uint32_t timeoutMs)
      : pipe_(pipe), moved_(moved), helper_(helper), end_(::GetTickCount64() + timeoutMs) {}

  Flow send(std::string_view bytes) {
    return all(bytes.size(), [&](std::size_t at, DWORD most, OVERLAPPED* how) {
      return ::WriteFile(pipe_, bytes.data() + at, most, nullptr, how);
    });
  }
  Flow receive(char* into, std::size_t count) {
    return all(count, [&](std::size_t at, DWORD most, OVERLAPPED* how) {
      return ::ReadFile(pipe_, into + at, most, nullptr, how);
    });
  }

 private:
  template <class Step>
  Flow all(std::size_t count, Step&& step) {
    for (std::size_t at = 0; at < count;) {
      OVERLAPPED how = {};
      how.hEvent = moved_;
      const auto most = static_cast<DWORD>(std::min<std::size_t>(count - at, kMostAtOnce));
      if (!step(at, most, &how) && ::GetLastError() != ERROR_IO_PENDING) return failed();
      DWORD bytes = 0;
      const Flow flow = await();
      if (flow != Flow::Done) ::CancelIoEx(pipe_, &how);
      // Waits: the system may write to `how` until then.
      const bool done = ::GetOverlappedResult(pipe_, &how, &bytes, TRUE) != 0;
      if (!done) return flow != Flow::Done ? flow : failed();
      if (bytes == 0) return Flow::Ended;
      at += bytes;
    }
    return Flow::Done;
  }

  // The end of the helper is looked for, too: what it has started may hold the other end of the pipe, still.
  Flow await() const {
    const ULONGLONG now = ::GetTickCount64();
    const std::array<HANDLE, 2> either = {moved_, helper_};
    const DWORD left = now < end_ ? static_cast<DWORD>(end_ - now) : 0;
    switch (::WaitForMultipleObjects(static_cast<DWORD>(either.size()), either.data(), FALSE, left)) {
      case WAIT_OBJECT_0:
        return Flow::Done;
      case WAIT_OBJECT_0 + 1:
        return Flow::Ended;
      default:
        return Flow::Late;
    }
  }

  static Flow failed() {
    const DWORD error = ::GetLastError();
    const bool ended = error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA || error == ERROR_PIPE_NOT_CONNECTED ||
                       error == ERROR_HANDLE_EOF;
    return ended ? Flow::Ended : Flow::Failed;
  }

  const HANDLE pipe_, moved_, helper_;
  const ULONGLONG end_;
};

std::string lengthOf(std::size_t bytes) {
  std::string length;
  for (std::size_t at = 0; at < kLengthBytes; ++at) length += static_cast<char>(bytes >> 8 * at & 0xFF);
  return length;
}

Flow receiveMessage(Turns& turns, std::string& message, std::size_t& length) {
  std::array<char, kLengthBytes> head;
  if (const Flow flow = turns.receive(head.data(), head.size()); flow != Flow::Done) return flow;
  length = 0;
  for (std::size_t at = kLengthBytes; at-- > 0;) length = length << 8 | static_cast<unsigned char>(head[at]);
  if (length > TENON_MESSAGE_MAX_BYTES) return Flow::Done;
  message.resize(length);
  return turns.receive(message.data(), length);
}

Fault tooLargeFault() {
  return {TENON_INVALID, "a message of more than " + std::to_string(TENON_MESSAGE_MAX_BYTES) + " bytes", "limit-exceeded"};
}

// Both ends of a pipe that nobody else can open: there is one instance, and it is taken. `theirs` can be inherited.
Outcome makePipe(Handle& ours, Handle& theirs) {
  static std::atomic<unsigned> count{0};
  const std::wstring name = L"\\\\.\\pipe\\tenon-channel-" + std::to_wstring(::GetCurrentProcessId()) + L"-" +
                            std::to_wstring(::GetTickCount64()) + L"-" + std::to_wstring(++count);
  constexpr DWORD kOpen = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE;
  constexpr DWORD kMode = PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;
  ours = Handle(::CreateNamedPipeW(name.c_str(), kOpen, kMode, 1, kPipeBytes, kPipeBytes, 0, nullptr));
  if (!ours) return osFault("make a channel", ::GetLastError());
  theirs = Handle(::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr));
  return theirs ? kDone : Outcome(osFault("make a channel", ::GetLastError()));
}

}  // namespace

Channels::~Channels() {
  for (const auto& [number, channel] : channels_) processes_.endHelper(channel->helper);
}

Outcome Channels::open(std::string_view request, tenon_file library, tenon_channel& channel, std::string& identity) {
  if (library != 0 && !files_.isSealed(library))
    return invalid("library", "library: no sealed file is known by " + std::to_string(library));
  auto made = std::make_shared<Channel>();
  Handle theirs;
  if (auto fault = makePipe(made->pipe, theirs)) return fault;
  made->moved = Handle(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!made->moved) return osFault("make a channel", ::GetLastError());
  if (auto fault = processes_.spawnHelper(theirs.get(), request, made->helper, identity)) return fault;
  const std::lock_guard lock(mutex_);
  channel = ++last_;
  channels_.emplace(channel, std::move(made));
  return kDone;
}

Fault Channels::explainEnd(const Channel& channel) {
  tenon_ended ended = {};
  Fault fault{TENON_UNAVAILABLE, "it has closed its channel", "io-error"};
  if (!processes_.helperEnded(channel.helper, kEndMillis, ended)) return fault;
  const auto status = static_cast<DWORD>(ended.code);
  std::array<char, 16> text = {};
  std::snprintf(text.data(), text.size(), status >= kStatusOfFaults ? "0x%08lX" : "%lu", status);
  fault.message = std::string("it ended with exit status ") + text.data();
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
  Turns turns(one->pipe.get(), one->moved.get(), processes_.helperHandle(one->helper), timeoutMs);
  std::size_t length = 0;
  Flow flow = turns.send(lengthOf(message.size()) + std::string(message));
  if (flow == Flow::Done) flow = receiveMessage(turns, answer, length);
  const DWORD error = ::GetLastError();
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
