// What vendors build, in C++, C and Rust, held to what every driver is held to. The libraries are made by the entries of
// ctest before this one (vendor-setup).
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "host/driver/DriverCatalog.h"
#include "host/driver/PluginLoader.h"
#include "tenon/json.hpp"
#include "tests/plugins/PluginApart.h"
#include "tests/plugins/PluginLibrary.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ReadOnlyFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

struct Refusal {
  std::string exec, field;  // an exec block, and the member that is wrong in it
};

struct Vendor {
  std::string library, type, runtime;  // the runtime's command, on the node's search path
  std::string exec;
  std::string args;  // of the plan, as JSON
  std::vector<Refusal> refusals;
};

void PrintTo(const Vendor& vendor, std::ostream* out) { *out << vendor.library; }

// A driver of scripts knows these members; the scripts of the test are called so.
std::vector<Refusal> scriptRefusals(const std::string& type) {
  const std::string begin = R"({"type":")" + type + R"(",)", entry = begin + R"("entry":"app/$x ü")";
  return {{R"({"type":")" + type + R"("})", "exec.entry"},
          {begin + R"("entry":5})", "exec.entry"},
          {begin + R"("entry":""})", "exec.entry"},
          {begin + R"("entry":"missing"})", "exec.entry"},
          {begin + R"("entry":"../app/$x ü"})", "exec.entry"},
          {begin + R"("entry":"app"})", "exec.entry"},
          {begin + R"("entry":"app/$x ü\u0000"})", "exec.entry"},
          {entry + R"(,"args":"-v"})", "exec.args"},
          {entry + R"(,"args":["-v",5]})", "exec.args[1]"},
          {entry + R"(,"args":["\u0000"]})", "exec.args[0]"},
          {entry + R"(,"cwd":null})", "exec.cwd"},
          {entry + R"(,"cwd":"a\u0000"})", "exec.cwd"},
          {R"("text")", "exec"}};
}

std::vector<Vendor> vendors() {
  const auto perl = [](const std::string& library) {
    return Vendor{library,
                  "perl",
                  "perl",
                  R"({"type":"perl","entry":"app/$x ü","args":["\u002d-port","${SERVICE_PORT}"]})",
                  R"(["${SERVICE_HOME}/app/$x ü","--port","${SERVICE_PORT}"])",
                  scriptRefusals("perl")};
  };
  std::vector<Vendor> all = {
      {"acme.shell", "shell", "sh", R"({"type":"shell","entry":"app/$x ü","args":["--port","${SERVICE_PORT}"]})",
       R"(["-eu","${SERVICE_HOME}/app/$x ü","--port","${SERVICE_PORT}"])", scriptRefusals("shell")},
      perl("acme.perl"),
      {"acme.static",
       "static",
       "python3",
       R"({"type":"static","folder":"${a}\u002fb"})",
       R"(["-m","http.server","${SERVICE_PORT}","--bind","127.0.0.1","--directory",)"
       R"("${SERVICE_HOME}/$${a}/b"])",
       {{R"({"type":"static"})", "exec.folder"},
        {R"({"type":"static","folder":[]})", "exec.folder"},
        {R"({"type":"static","folder":""})", "exec.folder"},
        {R"({"type":"static","folder":"/tmp"})", "exec.folder"},
        {R"({"type":"static","folder":"app/../app"})", "exec.folder"},
        {R"({"type":"static","folder":"app\u0000"})", "exec.folder"},
        {R"({"type":"static","folder":"missing"})", "exec.folder"},
        {R"({"type":"static","folder":"app/$x ü"})", "exec.folder"},
        {"[]", "exec"}}},
      perl("checked/acme.perl")};
  if (TENON_VENDOR_LANGUAGES == 1) all.resize(1);
  return all;
}

json::Value parsed(const std::string& text) {
  const json::Parsed value = json::parse(text);
  EXPECT_TRUE(value) << value.error << "\n" << text;
  return value ? *value : json::Value();
}

class VendorDriver : public testing::TestWithParam<Vendor> {
 protected:
  VendorDriver() {
    package_.write("app/$x ü", "");
    package_.write("${a}/b/index.html", "");
    plugin_ = loader_.load(Path(std::string(TENON_PLUGINS) + "/" + GetParam().library + TENON_PLUGIN_SUFFIX),
                           PluginLoader::Trust::Developer);
    if (plugin_.state != PluginState::Ready) throw std::runtime_error(plugin_.why);
    if (plugin_.entry->open(plugin_.host, &self_) != TENON_OK) throw std::runtime_error("it does not open");
    driver_ = static_cast<const tenon_driver*>(plugin_.entry->extension(self_, TENON_EXT_DRIVER));
  }
  ~VendorDriver() override { plugin_.entry->close(self_); }

  // With further members, each with a comma before it.
  std::string request(const std::string& exec, const std::string& more = "") const {
    return R"({"schema":"tenon.plan-request/1","service_id":"sample","version":"1.0.0","platform":"linux-x64","package_dir":")" +
           package_.text() + R"(","exec":)" + exec + R"(,"fingerprint":{")" + attribute() + R"(":"/opt/${x}/run"})" + more +
           "}";
  }
  std::string request() const { return request(GetParam().exec); }
  std::string attribute() const { return (GetParam().runtime == "python3" ? "python" : GetParam().runtime) + ".path"; }
  PluginAnswer plan(const std::string& text) const {
    return collected([&](const tenon_sink* sink) { return driver_->plan(self_, {text.data(), text.size()}, sink); });
  }
  PluginAnswer fingerprint(const std::string& text) const {
    return collected([&](const tenon_sink* sink) { return driver_->fingerprint(self_, {text.data(), text.size()}, sink); });
  }
  // The member that a refusal names.
  std::string refused(const std::string& request, tenon_code code) const {
    const PluginAnswer answer = plan(request);
    EXPECT_EQ(answer.code, code) << request << "\n" << answer.problem;
    EXPECT_EQ(answer.documents, 0) << request;
    EXPECT_EQ(answer.problems, 1) << request;
    const json::Value problem = parsed(answer.problem);
    const json::Value* field = problem.find("field");
    return field ? *field->string() : "";
  }

  TempFolder package_;
  ReadOnlyFiles files_;
  NullLog log_;
  PluginLoader loader_{files_, log_};
  Plugin plugin_;
  const tenon_driver* driver_ = nullptr;
  void* self_ = nullptr;
};

TEST_P(VendorDriver, PlansAServiceThatTheHostAsksItFor) {
  const TempFolder node;
  std::filesystem::permissions(node.write("bin/" + GetParam().runtime, "").text(), std::filesystem::perms::owner_all);
  FakeClock clock;
  DriverCatalog catalog({"linux-x64"}, (node / "bin").text(), clock);
  catalog.add(plugin_);
  EXPECT_EQ(catalog.list().front().state, "ready");
  const Release release{ServiceId::parse("sample").value(), SemVer::parse("1.0.0").value(),
                        PlatformId::parse("linux-x64").value()};
  const auto exec = Json::parse(GetParam().exec).value();
  const auto made = catalog.plan(GetParam().type, plugin_.manifest.name + "@^0.1",
                                 {release, package_.path(), exec, "", std::nullopt, {"linux-x64"}});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->program, (node / "bin" / GetParam().runtime).text());
  std::vector<std::string> args;
  const json::Value expected = parsed(GetParam().args);
  for (const auto& arg : *expected.items()) args.push_back(*arg.string());
  EXPECT_EQ(made->args, args);
}

TEST_P(VendorDriver, IsNotReadyWhereTheNodeLacksItsRuntime) {
  const TempFolder node;
  node.write("perl/file", "");
  const PluginAnswer found = fingerprint(
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":")" + node.text() + R"("})");
  EXPECT_EQ(found.code, TENON_OK) << found.problem;
  const json::Value document = parsed(found.document);
  EXPECT_EQ(*document.find("health")->string(), "undetected");
  EXPECT_NE(document.find("why"), nullptr);
}

TEST_P(VendorDriver, TakesWhatTheMachineSaysLiterallyAndWhatTheAuthorWroteAsItIs) {
  const PluginAnswer made = plan(request());
  ASSERT_EQ(made.code, TENON_OK) << made.problem;
  EXPECT_EQ(made.documents, 1);
  EXPECT_EQ(made.problems, 0);
  const json::Value document = parsed(made.document);
  EXPECT_EQ(*document.find("schema")->string(), "tenon.plan/1");
  EXPECT_EQ(*document.find("program")->string(), "/opt/$${x}/run");
  EXPECT_EQ(*document.find("args"), parsed(GetParam().args)) << made.document;
}

TEST_P(VendorDriver, AnswersTheSameBytesApartAndOnEightThreads) {
  const PluginAnswer first = plan(request());
  PluginApart apart(GetParam().library, package_.path());
  if (apart.possible()) {
    const PluginAnswer there = apart.plan(request());
    EXPECT_EQ(there.document, first.document);
    EXPECT_EQ(there.code, first.code);
  }
  bool same[8] = {};
  std::vector<std::thread> threads;
  for (bool& mine : same) {
    threads.emplace_back([&] {
      mine = true;
      for (int i = 0; i < 125; ++i) mine = plan(request()).document == first.document && mine;
    });
  }
  for (auto& thread : threads) thread.join();
  for (const bool each : same) EXPECT_TRUE(each);
}

TEST_P(VendorDriver, NamesTheMemberThatIsWrong) {
  for (const auto& [exec, field] : GetParam().refusals) EXPECT_EQ(refused(request(exec), TENON_INVALID), field) << exec;
  EXPECT_EQ(refused(R"({"schema":"tenon.plan-request/2"})", TENON_INVALID), "schema");
  EXPECT_EQ(refused("{}", TENON_INVALID), "schema");
}

TEST_P(VendorDriver, SaysWhatTheNodeLacks) {
  std::string text = request();
  text.replace(text.find(attribute()), attribute().size(), "another");
  const PluginAnswer answer = plan(text);
  EXPECT_EQ(answer.code, TENON_UNAVAILABLE);
  EXPECT_EQ(*parsed(answer.problem).find("code")->string(), "resource-missing");
}

TEST_P(VendorDriver, IgnoresWhatItDoesNotKnow) {
  const std::string deep = std::string(63, '[') + std::string(63, ']');
  for (const std::string& more : {std::string(R"(,"later":{"a":[null,-0.5e+3,"\ud83d\ude00",true]})"), ",\"deep\":" + deep,
                                  std::string(R"(,"must_understand":["exec","policy","fingerprint"])")}) {
    EXPECT_EQ(plan(request(GetParam().exec, more)).document, plan(request()).document) << more;
  }
}

TEST_P(VendorDriver, RefusesWhatItMustUnderstandAndDoesNot) {
  EXPECT_EQ(refused(request(GetParam().exec, R"(,"must_understand":["exec","later"])"), TENON_UNSUPPORTED), "later");
  EXPECT_EQ(refused(request(GetParam().exec, R"(,"must_understand":"exec")"), TENON_INVALID), "must_understand");
  EXPECT_EQ(refused(request(GetParam().exec, R"(,"must_understand":[1])"), TENON_INVALID), "must_understand");
  const PluginAnswer looked =
      fingerprint(R"({"schema":"tenon.fingerprint-request/1","must_understand":["platforms","exec"]})");
  EXPECT_EQ(looked.code, TENON_UNSUPPORTED) << "a fingerprint's request has no exec";
}

TEST_P(VendorDriver, EndsACallThatIsCancelled) {
  struct Told {
    int documents = 0;
    std::vector<std::int32_t> problems;
  } told;
  const auto stop = [](void* ctx, tenon_str) -> std::int32_t { return ++static_cast<Told*>(ctx)->documents; };
  const auto problem = [](void* ctx, std::int32_t code, tenon_str) { static_cast<Told*>(ctx)->problems.push_back(code); };
  const tenon_sink sink{sizeof(tenon_sink), 0, &told, stop, problem};
  const std::string text = request();
  EXPECT_EQ(driver_->plan(self_, {text.data(), text.size()}, &sink), TENON_CANCELLED);
  EXPECT_EQ(told.documents, 1);
  EXPECT_EQ(told.problems, std::vector<std::int32_t>{TENON_CANCELLED});
}

TEST_P(VendorDriver, RefusesWhatIsTooLargeOrTooDeep) {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(refused(request(GetParam().exec, ",\"deep\":" + deep), TENON_INVALID), "");
  EXPECT_EQ(refused(std::string(1u << 20, '['), TENON_INVALID), "");
  std::string full = request();
  full.resize(1u << 20, ' ');
  EXPECT_EQ(plan(full).document, plan(request()).document);
  EXPECT_EQ(refused(full + " ", TENON_INVALID), "");
}

// A text with something done to it, somewhere.
std::string mutated(std::string text, std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"\"",
                                                  "\\",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ":",
                                                  ",",
                                                  "null",
                                                  "1e999",
                                                  "-",
                                                  "\\u0000",
                                                  "\\ud800",
                                                  "${",
                                                  "0",
                                                  "ü",
                                                  " ",
                                                  "\n",
                                                  "\xff",
                                                  std::string(1, '\0'),
                                                  "\xed\xa0\x80",
                                                  "\\u002e",
                                                  R"("exec":{},)",
                                                  R"("must_understand":[],)"};
  const auto below = [&](std::size_t most) { return static_cast<std::size_t>(random() % most); };
  for (std::size_t count = 1 + below(3); count > 0 && !text.empty(); --count) {
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1u << below(8)));
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      case 3:
        text.insert(below(text.size()), text.substr(at, 1 + below(16)));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

// What must hold of every answer to whatever was asked.
void expectSound(const PluginAnswer& answer, const std::string& asked, const std::string& schema) {
  ASSERT_EQ(answer.documents, answer.code == TENON_OK ? 1 : 0) << asked;
  ASSERT_EQ(answer.problems, answer.code == TENON_OK ? 0 : 1) << asked;
  ASSERT_TRUE(answer.code >= TENON_OK && answer.code < TENON_INTERNAL) << asked << "\n" << answer.problem;
  const json::Parsed told = json::parse(answer.code == TENON_OK ? answer.document : answer.problem);
  ASSERT_TRUE(told) << told.error << "\n" << asked << "\n" << answer.document << answer.problem;
  const json::Value* named = told->find(answer.code == TENON_OK ? "schema" : "message");
  ASSERT_TRUE(named && named->string());
  if (answer.code == TENON_OK) {
    ASSERT_EQ(*named->string(), schema);
  }
  const json::Parsed read = json::parse(asked);
  // Only what it reads need be looked at for these two.
  const bool lenient =
      read.error.find("duplicate key") != std::string::npos || read.error.find("no double") != std::string::npos;
  if (!read && !lenient) {
    ASSERT_EQ(answer.code, TENON_INVALID) << read.error << "\n" << asked;
  }
}

TEST_P(VendorDriver, SurvivesTenThousandMutatedDocuments) {
  std::mt19937_64 random(20261130);
  const std::string looked =
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":"/bin:/nowhere"})";
  const std::string whole =
      request(GetParam().exec, R"(,"memory_mb":64,"policy":{"system_runtime":true},"must_understand":["exec"])");
  int planned = 0;
  for (int i = 0; i < 10000 && !HasFatalFailure(); ++i) {
    if (i % 4 == 0) {
      const std::string text = mutated(looked, random);
      expectSound(fingerprint(text), text, "tenon.fingerprint/1");
    } else {
      const std::string text = mutated(whole, random);
      const PluginAnswer answer = plan(text);
      expectSound(answer, text, "tenon.plan/1");
      planned += answer.code == TENON_OK ? 1 : 0;
    }
  }
  EXPECT_GT(planned, 100) << "so wild that nothing is told of plans";
}

std::string title(const testing::TestParamInfo<Vendor>& info) {
  std::string text = info.param.library;
  for (char& c : text) c = c == '.' || c == '/' ? '_' : c;
  return text;
}

INSTANTIATE_TEST_SUITE_P(Drivers, VendorDriver, testing::ValuesIn(vendors()), title);

}  // namespace
}  // namespace tenon::host
