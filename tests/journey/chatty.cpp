// chatty LINES: writes a batch of so many lines at its start, and another for every file batch1, batch2, … that it is given
// in its data folder. chatty fails: writes one line, and ends with 3.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

namespace fs = std::filesystem;

namespace {

// How often it was started, this time among them.
std::string countRun(const std::string& file) {
  std::FILE* runs = std::fopen(file.c_str(), "ab");
  std::fputc('.', runs);
  std::fclose(runs);
  return std::to_string(fs::file_size(file));
}

void writeBatch(const std::string& run, int number, int lines) {
  const std::string head = "run " + run + " batch " + std::to_string(number);
  for (int i = 0; i < lines; ++i) {
    std::printf("%s line %d %s\n", head.c_str(), i, std::string(static_cast<std::size_t>(i % 60), 'x').c_str());
  }
  std::printf("%s done\n", head.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int, char** argv) {
#ifdef _WIN32
  _setmode(_fileno(stdout), _O_BINARY);
#endif
  if (argv[1] == std::string("fails")) return std::puts("this cannot be"), 3;
  const std::string data = std::getenv("DATA_DIR");
  const std::string run = countRun(data + "/runs");
  const int lines = std::stoi(argv[1]);
  writeBatch(run, 0, lines);
  constexpr char kBinary[] = "\x1b[31mred\x1b[0m \0\xff\xfe \xe2\x80\xae binary\n";
  std::fwrite(kBinary, 1, sizeof kBinary - 1, stdout);
  std::fflush(stdout);
  for (int number = 1;;) {
    const std::string wanted = data + "/batch" + std::to_string(number);
    std::error_code busy;  // whoever wrote it may have it open, still: Windows removes it then at the next turn
    if (fs::remove(wanted, busy)) writeBatch(run, number++, lines);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}
