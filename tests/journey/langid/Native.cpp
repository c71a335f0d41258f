// The sample with a program of exec type "binary" in the place of its Python.
#include <filesystem>

#include "tests/journey/Journey.h"
#include "tests/journey/langid/Langid.h"

namespace tenon::host {

namespace {

void addArguments(const std::string& folder, const std::string& arguments) {
  replaceIn(folder + "/service.json", "\"${SERVICE_PORT}\"", "\"${SERVICE_PORT}\", " + arguments);
}

}  // namespace

void makeLangid(const std::string& folder, const std::string& version) {
  namespace fs = std::filesystem;
  fs::copy(std::string(TENON_SOURCE_DIR) + "/samples/services/langid", folder, fs::copy_options::recursive);
  fs::remove_all(folder + "/app");
  fs::create_directories(folder + "/bin");
  fs::copy_file(TENON_NATIVE_LANGID, folder + "/bin/langid.exe");
  const std::string file = folder + "/service.json";
  replaceIn(file, "\"linux-x64\"", "\"" + platformName() + "\"");
  replaceIn(file, "\"entrypoint\": \"app/main.py\"", "\"entrypoint\": \"bin/langid.exe\"");
  replaceIn(file, R"("type": "python", "entry": "app/main.py")", R"("type": "binary", "program": "bin/langid.exe")");
  replaceIn(file, "\"app/\"", "\"bin/\"");
  replaceIn(file, "\"1.0.0\"", "\"" + version + "\"");
}

void endsAtStart(const std::string& folder, int exitCode, const std::string& words) {
  addArguments(folder, "\"--exits\", \"" + std::to_string(exitCode) + "\", \"" + words + "\"");
}

void isNeverHealthy(const std::string& folder) { addArguments(folder, "\"--unhealthy\""); }

void isHealthyOnceToldSo(const std::string& folder) { addArguments(folder, "\"--wait\""); }

void startsLate(const std::string& folder, int seconds) {
  addArguments(folder, "\"--late\", \"" + std::to_string(seconds) + "\"");
}

void namesNoDriver(const std::string& folder) {
  replaceIn(folder + "/service.json", "\"type\": \"binary\"", "\"type\": \"cobol\"");
}

void namesNoProgram(const std::string& folder) {
  replaceIn(folder + "/service.json", "\"program\": \"bin/langid.exe\"", "\"program\": \"app/other\"");
}

}  // namespace tenon::host
