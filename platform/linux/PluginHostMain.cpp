// Where tenon-plugin-host begins on Linux, and what it needs of the OS (host/plugin_host/Door.h).
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
bool tenon_channel_read(void* bytes, std::uint64_t count);
bool tenon_channel_write(const void* bytes, std::uint64_t count);
const void* tenon_load_symbol(const char* library, const char* symbol, char* why, std::uint64_t whyBytes);
int tenon_plugin_host();
}

namespace {

int channel = -1;

// The agent may die while the plugin is in an endless loop, which nobody would end. With it goes what it started and has not
// left its session.
void* endWithChannel(void*) {
  for (;;) {
    pollfd other = {channel, POLLRDHUP, 0};
    if (::poll(&other, 1, -1) == 1) ::kill(0, SIGKILL);
  }
}

// What has come and was not asked for yet: a message's length and the message are one call.
char ahead[16u << 10];
std::uint64_t aheadAt = 0, aheadEnd = 0;

// As read(2), without its interruptions.
ssize_t readSome(void* bytes, std::uint64_t count) {
  for (;;) {
    const ssize_t got = ::read(channel, bytes, count);
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

bool tenon_channel_read(void* bytes, std::uint64_t count) {
  auto* into = static_cast<char*>(bytes);
  while (count > 0) {
    const std::uint64_t there = std::min(count, aheadEnd - aheadAt);
    std::memcpy(into, ahead + aheadAt, there);
    aheadAt += there, into += there, count -= there;
    if (count == 0) break;
    const bool direct = count >= sizeof ahead;
    const ssize_t got = direct ? readSome(into, count) : readSome(ahead, sizeof ahead);
    if (got <= 0) return false;
    if (direct) {
      into += got, count -= static_cast<std::uint64_t>(got);
    } else {
      aheadAt = 0, aheadEnd = static_cast<std::uint64_t>(got);
    }
  }
  return true;
}

bool tenon_channel_write(const void* bytes, std::uint64_t count) {
  const auto* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t put = ::write(channel, from, count);
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) from += put, count -= static_cast<std::uint64_t>(put);
  }
  return true;
}

const void* tenon_load_symbol(const char* library, const char* symbol, char* why, std::uint64_t whyBytes) {
  void* loaded = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  const void* found = loaded ? ::dlsym(loaded, symbol) : nullptr;
  const char* text = found ? nullptr : ::dlerror();
  if (!found) std::snprintf(why, whyBytes, "%s", text ? text : "its symbol is null");
  return found;
}

int main() {
  const char* number = std::getenv("TENON_CHANNEL");
  channel = number ? std::atoi(number) : -1;
  if (channel < 0 || ::fcntl(channel, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("tenon-plugin-host: started by the agent, in which it runs plugins; of no use by hand\n", stderr);
    return 64;
  }
  ::unsetenv("TENON_CHANNEL");
  pthread_t watcher;
  if (::pthread_create(&watcher, nullptr, &endWithChannel, nullptr) != 0) return 70;
  return tenon_plugin_host();
}
