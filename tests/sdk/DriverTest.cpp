#include "tenon/driver.hpp"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/DiskOffers.h"
#include "tests/support/TempFolder.h"

namespace {

// Does what the service id says.
struct Trial {
  void fingerprint(tenon::Fingerprint& f) {
    if (auto found = tenon::which("frob"))
      f.healthy().attribute("frob.path", *found);
    else
      f.undetected("no frob");
  }
  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    if (r.serviceId == "throws") throw std::runtime_error("a bug \"here\"");
    if (r.serviceId == "throws-a-number") throw 7;
    if (r.serviceId == "runs-out") throw std::bad_alloc();
    if (r.serviceId == "too-large") return tenon::LaunchPlan{}.program(std::string(2u << 20, 'x'));
    if (r.serviceId == "no-program") return {};
    if (r.serviceId == "invalid")
      throw tenon::invalid("exec.frob", "no frob").hint("write one").errorCode("not-found").retryAfter(5);
    return tenon::LaunchPlan{}
        .program("run")
        .args(r.exec.list("args"))
        .env("B", "2")
        .env("A", r.packageDir / "a")
        .cwd(r.exec.string("cwd"))
        .prepare(tenon::Command("make").arg("all").env("X", "y"))
        .exitCode(3, "no more frobs");
  }
};

struct Answer {
  std::int32_t code = 0;
  std::vector<std::string> documents, problems;
  std::int32_t wish = 0;  // what document() answers
};

tenon_sink sinkOf(Answer& answer) {
  return {sizeof(tenon_sink), 0, &answer,
          [](void* ctx, tenon_str json) {
            static_cast<Answer*>(ctx)->documents.emplace_back(tenon::fromAbi(json));
            return static_cast<Answer*>(ctx)->wish;
          },
          [](void* ctx, std::int32_t, tenon_str json) {
            static_cast<Answer*>(ctx)->problems.emplace_back(tenon::fromAbi(json));
          }};
}

class DriverWrapper : public testing::Test {
 protected:
  void SetUp() override {
    const tenon_host host{sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, nullptr, nullptr};
    ASSERT_EQ(entry_.open(&host, &self_), TENON_OK);
    table_ = static_cast<const tenon_driver*>(entry_.extension(self_, TENON_EXT_DRIVER));
    ASSERT_NE(table_, nullptr);
  }
  void TearDown() override { entry_.close(self_); }

  Answer call(tenon_op op, const std::string& request, std::int32_t wish = 0) {
    Answer answer;
    answer.wish = wish;
    const tenon_sink sink = sinkOf(answer);
    answer.code = op(self_, tenon::toAbi(request), &sink);
    return answer;
  }
  Answer plan(const std::string& service, const std::string& more = "") {
    return call(table_->plan,
                R"({"schema":"tenon.plan-request/1","service_id":")" + service +
                    R"(","version":"1.0.0","platform":"linux-x64","package_dir":"/p","exec":{"type":"trial"})" + more + "}");
  }

  const tenon_entry entry_ = tenon::Entry<tenon::DriverPlugin<Trial>>::make();
  void* self_ = nullptr;
  const tenon_driver* table_ = nullptr;
};

TEST_F(DriverWrapper, SaysWhoItIs) {
  EXPECT_EQ(entry_.magic, TENON_ENTRY_MAGIC);
  EXPECT_EQ(entry_.struct_size, sizeof(tenon_entry));
  EXPECT_EQ(entry_.abi_major, 1);
  EXPECT_EQ(table_->struct_size, sizeof(tenon_driver));
  EXPECT_EQ(entry_.extension(self_, TENON_EXT_PLATFORM), nullptr);
  EXPECT_EQ(entry_.extension(self_, "tenon.driver/2"), nullptr);
}

TEST_F(DriverWrapper, WritesAWholePlan) {
  const Answer answer = call(table_->plan, R"({"schema":"tenon.plan-request/1","service_id":"s","version":"1.0.0",
    "platform":"linux-x64","package_dir":"/p","exec":{"type":"trial","args":["--port","${SERVICE_PORT}"],"cwd":"app"},
    "something_new":{"a":1}})");
  EXPECT_EQ(answer.code, TENON_OK);
  EXPECT_TRUE(answer.problems.empty());
  ASSERT_EQ(answer.documents.size(), 1u);
  EXPECT_EQ(answer.documents[0],
            R"({"schema":"tenon.plan/1","program":"run","args":["--port","${SERVICE_PORT}"],)"
            R"("env":{"B":"2","A":"${SERVICE_HOME}/a"},"cwd":"app",)"
            R"("prepare":[{"program":"make","args":["all"],"env":{"X":"y"}}],"exit_codes":{"3":"no more frobs"}})");
}

TEST_F(DriverWrapper, LetsNoExceptionAcross) {
  for (const auto& [service, message] : std::vector<std::pair<std::string, std::string>>{
           {"throws", R"({"message":"a bug \"here\""})"},
           {"throws-a-number", R"({"message":"the plugin threw something that is no std::exception"})"},
           {"runs-out", R"({"message":"the plugin ran out of memory"})"},
           {"too-large", R"({"message":"the answer is larger than 1 MiB"})"},
           {"no-program", R"({"message":"the driver made a plan without a program"})"}}) {
    const Answer answer = plan(service);
    EXPECT_EQ(answer.code, TENON_INTERNAL) << service;
    EXPECT_TRUE(answer.documents.empty()) << service;
    EXPECT_EQ(answer.problems, std::vector<std::string>{message}) << service;
  }
}

TEST_F(DriverWrapper, TellsAProblemOnceWithAllThatIsKnown) {
  const Answer answer = plan("invalid");
  EXPECT_EQ(answer.code, TENON_INVALID);
  ASSERT_EQ(answer.problems.size(), 1u);
  EXPECT_EQ(answer.problems[0],
            R"({"message":"no frob","hint":"write one","field":"exec.frob","code":"not-found","retry_after_ms":5})");
}

TEST_F(DriverWrapper, StopsWhereTheHostSaysSo) {
  const Answer answer = call(table_->fingerprint, R"({"schema":"tenon.fingerprint-request/1"})", 1);
  EXPECT_EQ(answer.code, TENON_CANCELLED);
  EXPECT_EQ(answer.problems.size(), 1u);
}

TEST_F(DriverWrapper, RefusesRequestsThatItCannotRead) {
  EXPECT_EQ(call(table_->plan, "{").code, TENON_INVALID);
  EXPECT_EQ(call(table_->plan, "").code, TENON_INVALID);
  EXPECT_EQ(call(table_->plan, "[]").code, TENON_INVALID);
  EXPECT_NE(call(table_->plan, R"({"schema":"tenon.plan-request/2"})").problems[0].find("\"field\":\"schema\""),
            std::string::npos);
  EXPECT_NE(call(table_->plan, R"({"schema":"tenon.plan-request/1"})").problems[0].find("service_id"), std::string::npos);
}

TEST_F(DriverWrapper, RefusesWhatItMustUnderstandAndDoesNot) {
  const Answer answer = plan("s", R"(,"gpu":{},"must_understand":["exec","gpu"])");
  EXPECT_EQ(answer.code, TENON_UNSUPPORTED);
  EXPECT_EQ(answer.problems[0],
            R"({"message":"this plugin does not know \"gpu\"","hint":"upgrade the plugin","field":"gpu"})");
  EXPECT_EQ(plan("s", R"(,"gpu":{},"must_understand":["exec"])").code, TENON_OK);
}

TEST_F(DriverWrapper, LooksWhereTheHostLooks) {
  const tenon::host::TempFolder folder;
  const auto path = folder.write("bin/frob", "#!/bin/sh\n");
  constexpr bool kWindows = tenon::detail::kWindowsPaths;
  const std::string between = kWindows ? ";" : ":";
  std::string bin = folder.text() + "/bin";
  // As Windows writes its PATH; what is found is told as every path of the ABI.
  for (std::size_t at = 0; kWindows && (at = bin.find('/', at)) != std::string::npos; at += 2) bin.replace(at, 1, R"(\\)");
  const std::string request =
      R"({"schema":"tenon.fingerprint-request/1","platforms":["linux-x64"],"search_path":"/nowhere)" + between + between +
      bin + R"("})";
  if (tenon::host::diskHasModes()) {
    EXPECT_EQ(call(table_->fingerprint, request).documents[0],
              R"({"schema":"tenon.fingerprint/1","health":"undetected","why":"no frob","attributes":{}})");
  }
  std::filesystem::permissions(path.text(), std::filesystem::perms::owner_all);
  EXPECT_EQ(call(table_->fingerprint, request).documents[0],
            R"({"schema":"tenon.fingerprint/1","health":"healthy","attributes":{"frob.path":")" + path.text() + R"("}})");
}

TEST(PlanRequest, RefusesAnExecTypeOfAnotherDriver) {
  const tenon::PlanRequest request(*tenon::json::parse(
      R"({"service_id":"s","version":"1.0.0","platform":"linux-x64","package_dir":"/p","exec":{"type":"shell"}})"));
  EXPECT_NO_THROW(request.requireType("shell"));
  try {
    request.requireType("python");
    ADD_FAILURE() << "it is of type shell";
  } catch (const tenon::Problem& problem) {
    EXPECT_EQ(problem.code(), TENON_INVALID);
    EXPECT_EQ(problem.document(), R"({"message":"this driver runs python","field":"exec.type"})");
  }
}

TEST(PlanText, AFactThatSaysNothingIsMissing) {
  EXPECT_EQ(tenon::Text(tenon::Field<std::string>("fingerprint.x", "/bin/${x}")).text(), "/bin/$${x}");
  EXPECT_THROW(tenon::Text(tenon::Field<std::string>("fingerprint.x", "")), tenon::Problem);
  EXPECT_THROW(tenon::Text(tenon::Field<std::string>("fingerprint.x", std::nullopt)), tenon::Problem);
}

}  // namespace
