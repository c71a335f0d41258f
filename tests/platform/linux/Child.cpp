// The program that the suite's tests start as a service: one verb a behaviour. It says what it does on its output, one line
// each, in single writes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

extern char** environ;

namespace {

using Arguments = std::vector<std::string>;

void say(const std::string& line, int stream = 1) {
  const std::string text = line + "\n";
  if (::write(stream, text.data(), text.size()) < 0) std::exit(99);
}

int pauseForEver() {
  for (;;) ::pause();
}

std::string oneLine(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "\\n");
  return text;
}

void reportDescriptors() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (gone || target.string().find("/fd") != std::string::npos) continue;  // the one that reads this very folder
    say("descriptor " + entry.path().filename().string() + " " + target.string());
  }
}

int report(const Arguments&) {
  say("cwd " + std::filesystem::current_path().string());
  int entries = 0;
  for (char** entry = environ; *entry; ++entry, ++entries) say("env " + oneLine(*entry));
  say("environment entries " + std::to_string(entries));
  reportDescriptors();
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) say("status " + line);
  say(std::string("session ") + (::getsid(0) == ::getpid() ? "own" : "shared"));
  struct rlimit files = {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  say("open files " + std::to_string(files.rlim_cur));
  return 0;
}

int printArguments(const Arguments& arguments) {
  for (const auto& argument : arguments) say("[" + argument + "]");
  return 0;
}

int print(const Arguments& arguments) { return say(arguments.at(0)), 0; }
int complain(const Arguments& arguments) { return say(arguments.at(0), 2), 0; }
int exitWith(const Arguments& arguments) { return std::stoi(arguments.at(0)); }
int sleepForEver(const Arguments&) { return pauseForEver(); }

// A grandchild in a session of its own, which ignores what people send to end a service.
void forkEscaped() {
  if (::fork() != 0) return;
  ::setsid();
  ::signal(SIGTERM, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  say("grandchild " + std::to_string(::getpid()));
  pauseForEver();
}

int stubborn(const Arguments&) {
  ::signal(SIGTERM, [](int) { static_cast<void>(!::write(1, "got TERM in main\n", 17)); });
  forkEscaped();
  return pauseForEver();
}

int abandon(const Arguments&) {
  forkEscaped();
  say("main " + std::to_string(::getpid()));
  return 0;
}

int allocate(const Arguments& arguments) {
  const auto bytes = static_cast<std::size_t>(std::stoull(arguments.at(0)));
  auto* memory = static_cast<volatile char*>(std::malloc(bytes));
  constexpr std::size_t kPage = 4096;
  for (std::size_t at = 0; at < bytes; at += kPage) memory[at] = 1;
  say("allocated");
  return pauseForEver();
}

int store(const Arguments& arguments) {
  const std::string text(std::stoull(arguments.at(0)), 'x');
  const int file = ::open("stored", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  const bool stored = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  say(stored ? "stored" : "not stored");
  return pauseForEver();
}

int forks(const Arguments& arguments) {
  int made = 0;
  for (int left = std::stoi(arguments.at(0)); left > 0; --left) {
    const pid_t child = ::fork();
    if (child == 0) pauseForEver();
    if (child > 0) ++made;
  }
  say("forked " + std::to_string(made));
  return pauseForEver();
}

int burn(const Arguments& arguments) {
  const double wanted = std::stod(arguments.at(0)) / 1000 * CLOCKS_PER_SEC;
  if (::fork() == 0) pauseForEver();
  while (static_cast<double>(std::clock()) < wanted) {
  }
  say("done");
  return pauseForEver();
}

int burnOn(const Arguments&) {
  if (::fork() == 0) pauseForEver();
  say("burning");
  for (std::atomic<unsigned> turns = 0;; ++turns) {
  }
}

int listenOnSomePort(const Arguments&) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<struct sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 8) != 0) return 1;
  ::getsockname(listener, generic, &size);
  say("port " + std::to_string(ntohs(address.sin_port)));
  return pauseForEver();
}

// "read PATH", "write PATH", "make PATH", "list PATH", "signal PID": says of each whether it may.
int attempt(const Arguments& arguments) {
  for (std::size_t at = 0; at + 1 < arguments.size(); at += 2) {
    const std::string& what = arguments[at];
    const char* on = arguments[at + 1].c_str();
    int got = -1;
    if (what == "read") got = ::open(on, O_RDONLY);
    if (what == "write") got = ::open(on, O_WRONLY);
    if (what == "make") got = ::open(on, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (what == "list") got = ::open(on, O_RDONLY | O_DIRECTORY);
    if (what == "signal") got = ::kill(std::stoi(arguments[at + 1]), 0);
    say(what + " " + on + ": " + (got >= 0 ? "yes" : std::strerror(errno)));
  }
  return 0;
}

bool transfer(bool writing, int channel, char* bytes, std::size_t count) {
  for (std::size_t at = 0; at < count;) {
    const ssize_t moved = writing ? ::write(channel, bytes + at, count - at) : ::read(channel, bytes + at, count - at);
    if (moved <= 0) return false;
    at += static_cast<std::size_t>(moved);
  }
  return true;
}

std::string contentOf(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Answers each message of its channel with itself; some are requests.
int echo(const Arguments&) {
  const int channel = std::atoi(std::getenv("TENON_CHANNEL"));
  std::uint32_t length = 0;  // both ends are little-endian
  while (transfer(false, channel, reinterpret_cast<char*>(&length), sizeof length)) {
    std::string text(length, '\0');
    if (!transfer(false, channel, text.data(), length)) break;
    if (text == "abort") std::abort();
    if (text == "exit") std::exit(3);
    if (text == "sleep") return pauseForEver();
    if (text == "close") return ::close(channel), pauseForEver();
    if (text == "boast") length = 0xFFFFFFFF;
    int pair[2];
    if (text == "socket") text = ::socket(AF_INET, SOCK_DGRAM, 0) < 0 ? std::strerror(errno) : "it has one";
    if (text == "datagrams")
      text = ::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0 ? std::strerror(errno) : "it has them";
    if (text == "streams")
      text = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ? std::strerror(errno) : "it has them";
    if (text == "status") text = contentOf("/proc/self/status");
    if (text.rfind("read ", 0) == 0) text = contentOf(text.substr(5));
    if (text != "boast") length = static_cast<std::uint32_t>(text.size());
    transfer(true, channel, reinterpret_cast<char*>(&length), sizeof length);
    transfer(true, channel, text.data(), text.size());
    if (text == "leave") break;
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::map<std::string, int (*)(const Arguments&)> verbs = {{"report", report},     {"arguments", printArguments},
                                                                  {"print", print},       {"complain", complain},
                                                                  {"exit", exitWith},     {"sleep", sleepForEver},
                                                                  {"stubborn", stubborn}, {"abandon", abandon},
                                                                  {"allocate", allocate}, {"store", store},
                                                                  {"forks", forks},       {"burn", burn},
                                                                  {"burn-on", burnOn},    {"listen", listenOnSomePort},
                                                                  {"attempt", attempt},   {"echo", echo}};
  if (count < 2) return 64;
  const auto verb = verbs.find(values[1]);
  return verb == verbs.end() ? 64 : verb->second(Arguments(values + 2, values + count));
}
