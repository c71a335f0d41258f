// A jar with its web server in it, and the Java that it runs on in the package. That Java, without the JDK, also compiles
// it.
#include "tests/journey/programs/RealProgram.h"

namespace tenon::host {

class JavaJar : public RealProgram {
 protected:
  void SetUp() override {
    if (fromDebian("portable-java").empty()) GTEST_SKIP() << "Debian gave no Java";
    const std::string java = fromDebian("portable-java") + "/bin/java -XX:TieredStopAtLevel=1 ";
    const auto made =
        shell(java + "-m jdk.compiler/com.sun.tools.javac.Main -d " + path("classes") + " " + source("java/Greeter.java") +
              " && " + java + "-m jdk.jartool/sun.tools.jar.Main --create --file " + path("greeter.jar") +
              " --main-class Greeter -C " + path("classes") + " .");
    ASSERT_EQ(made.status, 0) << made.out << made.err;
  }
  std::string at(const std::string& version) {
    const std::string folder = package("greeter", version, R"({
      "service_id": "greeter", "version": "VERSION",
      "platforms": { "linux-x64": { "exec": { "type": "java", "jar": "greeter.jar",
          "jvm_args": ["-Xmx64m"] } } },
      "health_check": { "type": "http", "endpoint": "/health", "interval_ms": 500 },
      "env_schema": {}, "upgrade": { "strategy": "warm", "probation_ms": 200, "drain_ms": 100 } })");
    place(fromDebian("portable-java"), folder + "/runtime/java");
    place(path("greeter.jar"), folder + "/greeter.jar");
    return folder;
  }
};

TEST_F(JavaJar, CarriesItsJavaComesBackIsAdoptedAndStops) {
  ASSERT_NO_FATAL_FAILURE(serve(at("1.0.0")));
  const auto before = status("greeter");
  EXPECT_EQ(get(before.at("port"), "/version"), "1.0.0");
  EXPECT_NE(shell("readlink /proc/" + before.at("pid") + "/exe").out.find(serviceFolder("greeter")), std::string::npos);
  killProcess(mainPid("greeter"));
  ASSERT_TRUE(comesBack("greeter", std::stol(before.at("pid"))));
  EXPECT_EQ(member("greeter", "port"), before.at("port"));
  ASSERT_NO_FATAL_FAILURE(expectToOutliveTheAgent("greeter", "/version"));
  const long adopted = mainPid("greeter");
  killProcess(adopted);
  ASSERT_TRUE(comesBack("greeter", adopted));
  // A virtual machine that is asked to end does so with 143, after its hooks.
  ASSERT_NO_FATAL_FAILURE(expectToStopWithoutTrace("greeter"));
  EXPECT_EQ(member("greeter", "why"), "stopped");
  EXPECT_NE(tenon("logs greeter").out.find("greeter ends"), std::string::npos);
}

}  // namespace tenon::host
