// A program with a shared library of its own: refused by name where neither the package nor the node has it, and started
// where the package does.
#include <filesystem>

#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class SharedLibrary : public RealProgram {
 protected:
  void SetUp() override {
    const auto built =
        shell("cd " + path("") + " && printf 'int greetings(void) { return 3; }' >greet.c" +
              " && printf 'int pause(void), greetings(void); int main(void) { return greetings() + pause(); }' >main.c"
              " && gcc -shared -fPIC -Wl,-soname,libgreetings.so.7 -o libgreetings.so.7 greet.c"
              " && gcc -o server main.c libgreetings.so.7 -Wl,-rpath,'$ORIGIN/../lib'");
    ASSERT_EQ(built.status, 0) << built.err;
  }
  std::string at(const std::string& version, const std::string& environment = "") {
    const std::string folder = package("greeter", version,
                                       R"({
      "service_id": "greeter", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "binary", "program": "bin/server" } } },
      "health_check": { "type": "none", "startup_grace_ms": 50 }, "env_schema": {}, "env": {)" +
                                           environment + "} }");
    std::filesystem::create_directories(folder + "/bin");
    place(path("server"), folder + "/bin/server");
    return folder;
  }
  void carry(const std::string& folder, const std::string& where) {
    std::filesystem::create_directories(folder + "/" + where);
    place(path("libgreetings.so.7"), folder + "/" + where + "/libgreetings.so.7");
  }
};

TEST_F(SharedLibrary, ThatIsNowhereIsNamedBeforeAnythingIsStopped) {
  const std::string whole = at("1.0.0");
  carry(whole, "lib");
  ASSERT_NO_FATAL_FAILURE(serve(whole));
  const long pid = mainPid("greeter");
  const auto refused = upgradeTo(at("1.1.0"), 1);
  EXPECT_EQ(refused.status, 6) << refused.out;
  EXPECT_NE(refused.err.find("error resource-missing: "), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("bin/server needs libgreetings.so.7: neither the package nor this node has that"),
            std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("platforms.linux-x64.exec.program"), std::string::npos) << refused.err;
  EXPECT_EQ(mainPid("greeter"), pid) << "the old release runs on, untouched";
}

TEST_F(SharedLibrary, ThatTheEnvironmentLeadsToIsFound) {
  const std::string folder = at("1.0.0", R"("LD_LIBRARY_PATH": "${SERVICE_HOME}/elsewhere")");
  carry(folder, "elsewhere");
  ASSERT_NO_FATAL_FAILURE(serve(folder));
  EXPECT_EQ(member("greeter", "state"), "ready");
}

}  // namespace tenon::host
