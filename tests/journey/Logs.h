// A service that writes more than its log may hold: tests/journey/chatty.cpp.
#pragma once

#include <filesystem>
#include <string>

#include "tests/journey/Journey.h"

namespace tenon::host {

inline constexpr int kLines = 30'000;  // a batch: some 1.7 MB

inline constexpr char kBytes[] = "\x1b[31mred\x1b[0m \0\xff\xfe \xe2\x80\xae binary\n";
inline const std::string kBinary(kBytes, sizeof kBytes - 1);

inline std::string batch(int run, int number) {
  std::string text;
  const std::string head = "run " + std::to_string(run) + " batch " + std::to_string(number) + " ";
  for (int i = 0; i < kLines; ++i) {
    text += head + "line " + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i % 60), 'x') + "\n";
  }
  return text + head + "done\n";
}

class Logs : public Journey {
 protected:
  // tests/journey/chatty.cpp, which is given `arguments`.
  std::string chatty(const std::string& version, const std::string& arguments = std::to_string(kLines)) {
    const std::string folder = path("chatty-" + version), program = TENON_CHATTY;
    std::filesystem::create_directories(folder + "/bin");
    std::filesystem::copy_file(program, folder + "/bin/" + std::filesystem::path(program).filename().string());
    writeText(folder + "/service.json", R"({ "service_id": "chatty", "version": ")" + version + R"(", "name": "Chatty",
      "platforms": { ")" + platformName() + R"(": { "files": { "requires": ["service.json", "bin/"] },
        "exec": { "type": "binary", "program": "bin/test_journey_chatty", "args": [")" +
                                            arguments + R"("] } } },
      "health_check": { "type": "none", "startup_grace_ms": 500 }, "restart": { "policy": "never" }, "stop": { "grace_ms": 500 },
      "upgrade": { "probation_ms": 500 }, "env_schema": {}, "logs": { "max_bytes": 262144, "archives": 200 } })");
    return folder;
  }
  void serve() { Journey::serve(chatty("1.0.0")); }
  void ask(int number) { writeText(serviceFolder("chatty") + "/data/batch" + std::to_string(number), ""); }
  std::string logs(const std::string& options = "--tail 1000000") const {
    const auto answer = tenon("logs chatty " + options);
    EXPECT_EQ(answer.status, 0) << answer.err;
    return answer.out;
  }
  bool logged(const std::string& line) {
    return eventually([&] { return tenon("logs chatty --tail 3").out.find(line) != std::string::npos; });
  }
  // Windows renames no file that somebody writes: there a log is rotated when its service starts (docs/windows.md).
  static bool rotatesMeanwhile() { return platformName() != "windows-x64"; }
  int archives() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(serviceFolder("chatty") + "/logs")) {
      if (entry.path().string().ends_with(".log.gz")) ++count;
    }
    return count;
  }
};

}  // namespace tenon::host
