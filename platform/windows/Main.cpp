// Where a program of the host begins on Windows: arguments come in UTF-16 and go on in UTF-8, and what is written is UTF-8
// with plain line ends, on a console as in a pipe.
#include <fcntl.h>
#include <io.h>

#include <cstdio>
#include <string>
#include <vector>

#include "platform/windows/Os.h"
#include "platform/windows/Wide.h"

extern "C" int tenon_main(int argc, char** argv);
extern "C" int wmain(int count, wchar_t** values);

// MinGW's start code would take "*" for the names of files, which is the shell's work on Linux and nobody's here.
extern "C" int _dowildcard;
int _dowildcard = 0;

namespace {

// The console outlives this program, and the next one may count on its code page.
class Utf8Console {
 public:
  Utf8Console() : before_(::GetConsoleOutputCP()) { ::SetConsoleOutputCP(CP_UTF8); }
  ~Utf8Console() {
    if (before_ != 0) ::SetConsoleOutputCP(before_);
  }
  Utf8Console(const Utf8Console&) = delete;
  Utf8Console& operator=(const Utf8Console&) = delete;

 private:
  UINT before_;
};

}  // namespace

int wmain(int count, wchar_t** values) {
  const Utf8Console console;
  for (std::FILE* stream : {stdin, stdout, stderr}) ::_setmode(::_fileno(stream), _O_BINARY);
  std::vector<std::string> arguments;
  for (int at = 0; at < count; ++at) arguments.push_back(tenon::platform::toUtf8(values[at]));
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return tenon_main(count, pointers.data());
}
