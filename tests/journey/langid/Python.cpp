#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

void makeLangid(const std::string& folder, const std::string& version) {
  std::filesystem::copy(std::string(TENON_SOURCE_DIR) + "/samples/services/langid", folder,
                        std::filesystem::copy_options::recursive);
  replaceIn(folder + "/service.json", "\"1.0.0\"", "\"" + version + "\"");
}

void endsAtStart(const std::string& folder, int exitCode, const std::string& words) {
  replaceIn(folder + "/app/main.py", "def main():",
            "def main():\n    print('" + words + "', file=sys.stderr)\n    sys.exit(" + std::to_string(exitCode) + ")");
}

void isNeverHealthy(const std::string& folder) {
  replaceIn(folder + "/app/main.py", "self.answer(200, {\"status\": \"OK\"", "self.answer(503, {\"status\": \"warming\"");
}

void isHealthyOnceToldSo(const std::string& folder) {
  replaceIn(folder + "/app/main.py", "if self.path == \"/health\":",
            "if self.path == \"/health\" and not os.path.exists(os.environ[\"DATA_DIR\"] + \"/healthy\"):\n"
            "            return self.answer(503, {\"status\": \"not yet\"})\n        if self.path == \"/health\":");
}

void startsLate(const std::string& folder, int seconds) {
  replaceIn(folder + "/app/main.py", "\nclass Handler",
            "\nimport time; time.sleep(" + std::to_string(seconds) + ")\n\nclass Handler");
}

void namesNoDriver(const std::string& folder) {
  replaceIn(folder + "/service.json", "\"type\": \"python\"", "\"type\": \"cobol\"");
}

void namesNoProgram(const std::string& folder) {
  replaceIn(folder + "/service.json", "\"entry\": \"app/main.py\"", "\"entry\": \"app/other\"");
}

}  // namespace tenon::host
