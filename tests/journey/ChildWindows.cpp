// By the system's own call, since Poco gives each program a hidden console of its own, which under Wine takes as long as the
// rest of its start.
#include <windows.h>

#include <Poco/UnicodeConverter.h>

#include <mutex>
#include <stdexcept>

#include "tests/journey/Child.h"

namespace tenon::host {

struct Child::Parts {
  explicit Parts(const PROCESS_INFORMATION& made) : process(made.hProcess), id(made.dwProcessId) {
    ::CloseHandle(made.hThread);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { ::CloseHandle(process); }
  HANDLE process;
  DWORD id;
};

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + " (" + std::to_string(::GetLastError()) + ")");
}

// A copy that the program inherits, ours for as long as it takes to start it.
class Inherited {
 public:
  explicit Inherited(HANDLE handle) {
    const HANDLE self = ::GetCurrentProcess();
    if (!::DuplicateHandle(self, handle, self, &copy_, 0, TRUE, DUPLICATE_SAME_ACCESS)) fail("copy a handle");
  }
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;
  ~Inherited() { ::CloseHandle(copy_); }
  HANDLE get() const { return copy_; }

 private:
  HANDLE copy_ = nullptr;
};

// No argument of a test holds a quote.
std::wstring commandLine(const std::string& program, const std::vector<std::string>& arguments) {
  std::string line = '"' + program + '"';
  for (const auto& argument : arguments) line += " \"" + argument + '"';
  std::wstring wide;
  Poco::UnicodeConverter::convert(line, wide);
  return wide;
}

}  // namespace

Child::Child(const std::string& program, const std::vector<std::string>& arguments, Poco::Pipe& in, Poco::Pipe& out,
             Poco::Pipe& err) {
  static std::mutex one;  // else a program that starts meanwhile would inherit the pipes of this one
  const std::lock_guard guard(one);
  const Inherited input(in.readHandle()), output(out.writeHandle()), errors(err.writeHandle());
  STARTUPINFOW startup = {};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = input.get();
  startup.hStdOutput = output.get();
  startup.hStdError = errors.get();
  PROCESS_INFORMATION made = {};
  auto line = commandLine(program, arguments);
  if (!::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &made))
    fail("start " + program);
  parts_ = std::make_unique<Parts>(made);
  for (auto* const pipe : {&out, &err}) pipe->close(Poco::Pipe::CLOSE_WRITE);
}

Child::~Child() = default;

long Child::pid() const { return static_cast<long>(parts_->id); }

int Child::wait() {
  DWORD status = 0;
  if (::WaitForSingleObject(parts_->process, INFINITE) != WAIT_OBJECT_0) fail("wait for a program");
  if (!::GetExitCodeProcess(parts_->process, &status)) fail("ask for an exit status");
  return static_cast<int>(status);
}

}  // namespace tenon::host
