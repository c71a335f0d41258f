// The program that the suite's tests start as a service, with the verbs of the one for Linux: one verb a behaviour. It says
// what it does on its output, one line each, in single writes. What is SIGTERM there is the stop event here.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "platform/windows/Handle.h"
#include "platform/windows/Wide.h"

namespace {

using tenon::platform::Handle;
using tenon::platform::toUtf8;
using tenon::platform::toWide;
using Arguments = std::vector<std::string>;

constexpr DWORD kControlExit = 0xC000013A;  // as the default handler of CTRL_BREAK ends a process

void sayTo(DWORD stream, const std::string& line) {
  const std::string text = line + "\n";
  DWORD put = 0;
  if (!::WriteFile(::GetStdHandle(stream), text.data(), static_cast<DWORD>(text.size()), &put, nullptr)) std::exit(99);
}
void say(const std::string& line) { sayTo(STD_OUTPUT_HANDLE, line); }

int pauseForEver() {
  for (;;) ::Sleep(INFINITE);
}

std::string oneLine(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "\\n");
  return text;
}

std::wstring variable(const wchar_t* name) {
  std::array<wchar_t, 512> value = {};
  const DWORD length = ::GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size()));
  return std::wstring(value.data(), length);
}

// Waits until somebody asks this process to end.
void waitForStop() {
  const Handle event(::OpenEventW(SYNCHRONIZE, FALSE, variable(L"TENON_STOP_EVENT").c_str()));
  if (!event) std::exit(98);
  ::WaitForSingleObject(event.get(), INFINITE);
}

std::string ownFile() {
  std::array<wchar_t, 1024> path = {};
  return toUtf8(std::wstring(path.data(), ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()))));
}

bool startSelf(const std::string& verb) {
  std::wstring line = *toWide("\"" + ownFile() + "\" " + verb);
  STARTUPINFOW startup = {};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = ::GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = ::GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION made = {};
  constexpr DWORD kFlags = DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP;
  if (!::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, kFlags, nullptr, nullptr, &startup, &made))
    return false;
  const Handle process(made.hProcess), thread(made.hThread);
  return true;
}

// Wine puts entries of its own into every environment.
bool isOfWine(std::wstring_view entry) { return entry.substr(0, 4) == L"WINE" || entry.substr(0, 12) == L"SystemDrive="; }

int report(const Arguments&) {
  std::array<wchar_t, 1024> folder = {};
  ::GetCurrentDirectoryW(static_cast<DWORD>(folder.size()), folder.data());
  std::string text = toUtf8(folder.data());
  for (char& c : text) c = c == '\\' ? '/' : c;
  say("cwd " + text);
  int entries = 0;
  wchar_t* block = ::GetEnvironmentStringsW();
  for (const wchar_t* entry = block; *entry; entry += std::wstring_view(entry).size() + 1) {
    if (isOfWine(entry)) continue;
    ++entries;
    say("env " + oneLine(toUtf8(entry)));
  }
  ::FreeEnvironmentStringsW(block);
  say("environment entries " + std::to_string(entries));
  return 0;
}

int printArguments(const Arguments& arguments) {
  for (const auto& argument : arguments) say("[" + argument + "]");
  return 0;
}

int print(const Arguments& arguments) { return say(arguments.at(0)), 0; }
int complain(const Arguments& arguments) { return sayTo(STD_ERROR_HANDLE, arguments.at(0)), 0; }
int exitWith(const Arguments& arguments) { return std::stoi(arguments.at(0)); }

// Ends as a program does that handles neither the event nor CTRL_BREAK and is sent one of them.
int sleepUntilStopped(const Arguments&) {
  waitForStop();
  ::ExitProcess(kControlExit);
}

int graceful(const Arguments&) {
  say("event " + toUtf8(variable(L"TENON_STOP_EVENT")));
  waitForStop();
  say("tidied up");
  return 0;
}

// What "stubborn" and "abandon" start: it heeds nothing, in a process group and without the console of its parent.
int grandchild(const Arguments&) {
  say("grandchild " + std::to_string(::GetCurrentProcessId()));
  return pauseForEver();
}

int stubborn(const Arguments&) {
  if (!startSelf("grandchild")) return 1;
  waitForStop();
  say("got TERM in main");
  return pauseForEver();
}

int abandon(const Arguments&) {
  if (!startSelf("grandchild")) return 1;
  say("main " + std::to_string(::GetCurrentProcessId()));
  return 0;
}

int allocate(const Arguments& arguments) {
  const auto bytes = static_cast<std::size_t>(std::stoull(arguments.at(0)));
  auto* memory = static_cast<volatile char*>(::VirtualAlloc(nullptr, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE));
  if (!memory) return say("refused"), 1;
  constexpr std::size_t kPage = 4096;
  for (std::size_t at = 0; at < bytes; at += kPage) memory[at] = 1;
  say("allocated");
  return pauseForEver();
}

int forks(const Arguments& arguments) {
  int made = 0;
  for (int left = std::stoi(arguments.at(0)); left > 0; --left) made += startSelf("pause") ? 1 : 0;
  say("forked " + std::to_string(made));
  return pauseForEver();
}

int burn(const Arguments& arguments) {
  if (!startSelf("pause")) return 1;
  const std::uint64_t wanted = std::stoull(arguments.at(0)) * 10000;  // in units of 100 ns
  FILETIME start = {}, end = {}, kernel = {}, user = {};
  do {
    ::GetProcessTimes(::GetCurrentProcess(), &start, &end, &kernel, &user);
  } while (user.dwLowDateTime + std::uint64_t{kernel.dwLowDateTime} < wanted);
  say("done");
  return pauseForEver();
}

int burnOn(const Arguments&) {
  if (!startSelf("pause")) return 1;
  say("burning");
  for (std::atomic<unsigned> turns = 0;; ++turns) {
  }
}

int listenOnSomePort(const Arguments&) {
  WSADATA data = {};
  if (::WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
  const SOCKET listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  int size = sizeof address;
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 8) != 0) return 1;
  ::getsockname(listener, generic, &size);
  say("port " + std::to_string(::ntohs(address.sin_port)));
  return pauseForEver();
}

// Which of these numbers are handles of this process, and of the kind that the test has made: events.
int knowsHandles(const Arguments& arguments) {
  for (const auto& argument : arguments) {
    auto* const handle = reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::stoull(argument)));
    DWORD flags = 0;
    const bool known = ::GetHandleInformation(handle, &flags) && ::SetEvent(handle);
    say("handle " + argument + (known ? " known" : " unknown"));
  }
  const auto typeOf = [](DWORD stream) { return std::to_string(::GetFileType(::GetStdHandle(stream))); };
  say("streams " + typeOf(STD_INPUT_HANDLE) + " " + typeOf(STD_OUTPUT_HANDLE) + " " + typeOf(STD_ERROR_HANDLE));
  return 0;
}

std::string contentOf(const std::string& path) {
  std::ifstream file(std::filesystem::path(toWide(path).value()), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Answers each message of its channel with itself; some are requests.
int echo(const Arguments&) {
  const auto channel =
      reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::stoull(toUtf8(variable(L"TENON_CHANNEL")))));
  const auto transfer = [&](bool writing, void* bytes, std::size_t count) {
    DWORD moved = 0;
    for (auto* at = static_cast<char*>(bytes); count > 0; at += moved, count -= moved) {
      constexpr std::size_t kMostAtOnce = 32u << 10;  // platform/windows/process/Channels.cpp says why
      const auto most = static_cast<DWORD>(std::min(count, kMostAtOnce));
      const BOOL done =
          writing ? ::WriteFile(channel, at, most, &moved, nullptr) : ::ReadFile(channel, at, most, &moved, nullptr);
      if (!done || moved == 0) return false;
    }
    return true;
  };
  std::uint32_t length = 0;
  while (transfer(false, &length, sizeof length)) {
    std::string text(length, '\0');
    if (!transfer(false, text.data(), length)) break;
    if (text == "abort") std::abort();
    if (text == "exit") std::exit(3);
    if (text == "sleep") return pauseForEver();
    if (text == "close") return ::CloseHandle(channel), pauseForEver();
    if (text.rfind("read ", 0) == 0) text = contentOf(text.substr(5));
    length = text == "boast" ? 0xFFFFFFFF : static_cast<std::uint32_t>(text.size());
    transfer(true, &length, sizeof length);
    transfer(true, text.data(), text.size());
    if (text == "leave") break;
  }
  return 0;
}

int pauseVerb(const Arguments&) { return pauseForEver(); }

}  // namespace

extern "C" int tenon_main(int count, char** values);

extern "C" int tenon_main(int count, char** values) {
  const std::map<std::string, int (*)(const Arguments&)> verbs = {{"report", report},
                                                                  {"arguments", printArguments},
                                                                  {"print", print},
                                                                  {"complain", complain},
                                                                  {"exit", exitWith},
                                                                  {"sleep", sleepUntilStopped},
                                                                  {"graceful", graceful},
                                                                  {"grandchild", grandchild},
                                                                  {"stubborn", stubborn},
                                                                  {"abandon", abandon},
                                                                  {"allocate", allocate},
                                                                  {"forks", forks},
                                                                  {"burn", burn},
                                                                  {"burn-on", burnOn},
                                                                  {"listen", listenOnSomePort},
                                                                  {"pause", pauseVerb},
                                                                  {"echo", echo},
                                                                  {"handles", knowsHandles}};
  if (count < 2) return 64;
  const auto verb = verbs.find(values[1]);
  return verb == verbs.end() ? 64 : verb->second(Arguments(values + 2, values + count));
}
