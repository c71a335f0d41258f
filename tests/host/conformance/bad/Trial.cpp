// A driver for exec type "trial" that keeps the rules but the one that its library's kBroken names: only one, so that one
// check alone may fail. Compiled once for all of them.
#include <atomic>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "tenon/driver.hpp"

extern const char kBroken[];  // of the library that this is linked into

namespace {

using namespace std::chrono_literals;

bool breaks(std::string_view rule) { return rule == kBroken; }

// What an author would not do on purpose; once a process.
bool leaveAll() {
  std::thread([] {
    for (;;) std::this_thread::sleep_for(1h);
  }).detach();
  std::setlocale(LC_ALL, "C.UTF-8");
  std::signal(SIGINT, SIG_IGN);
  static char variable[] = "TENON_TRIAL_LEFT=1";
#if defined(_WIN32)
  ::_putenv(variable);
#else
  ::putenv(variable);
#endif
  return std::fopen("/dev/null", "r") != nullptr;
}

bool hasWrongArgs(const tenon::PlanRequest& r) {
  if (!r.exec.has("args")) return false;
  try {
    r.exec.list("args").otherwise({});
  } catch (const tenon::Problem&) {
    return true;
  }
  return false;
}

void misbehave(const tenon::PlanRequest& r) {
  if (breaks("CRASH") && hasWrongArgs(r)) std::abort();
  if (breaks("HANGS") && hasWrongArgs(r)) std::this_thread::sleep_for(1h);
  if (breaks("FIELDLESS") && r.exec.has("entry")) {
    try {
      r.exec.string("entry").otherwise("");
    } catch (const tenon::Problem&) {
      throw tenon::Problem(TENON_INVALID, "no");
    }
  }
  if (breaks("LEAVES")) {
    static const bool once = leaveAll();
    (void)once;
  }
}

void embellish(tenon::LaunchPlan& plan) {
  static std::atomic<int> calls{0};
  static const std::thread::id first = std::this_thread::get_id();
  if (breaks("COUNTS") && ++calls > 500) plan.env("LATE", "1");
  if (breaks("THREADS") && std::this_thread::get_id() != first) plan.env("THREAD", "another");
  if (breaks("ENVIRONMENT") && std::getenv("PATH")) plan.env("SEEN", "PATH");
  if (breaks("NAMES")) plan.env("1 NAME", "x");
  if (breaks("ENDS")) plan.env("MODE", "broken");
}

struct Trial {
  void fingerprint(tenon::Fingerprint& f) { f.healthy().attribute("trial.kind", "plain"); }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    if (!breaks("TYPES")) r.requireType("trial");
    misbehave(r);
    const std::string entry = r.exec.string("entry").orInvalid("name the program");
    if (entry.empty()) throw tenon::invalid("exec.entry", "name the program");
    tenon::LaunchPlan plan;
    plan.program(entry).args(r.exec.list("args")).cwd(r.exec.string("cwd"));
    if (const auto mode = r.exec.string("mode")) plan.env("MODE", *mode);
    embellish(plan);
    return plan;
  }
};

using Plugin = tenon::DriverPlugin<Trial>;

const tenon_driver& inner() { return *static_cast<const tenon_driver*>(Plugin::extension(TENON_EXT_DRIVER)); }

// Takes what it is told, and never tells the driver that the host takes no more.
struct Deaf {
  const tenon_sink* out;
  static std::int32_t document(void* ctx, tenon_str json) {
    const auto* sink = static_cast<Deaf*>(ctx)->out;
    sink->document(sink->ctx, json);
    return 0;
  }
  static void problem(void* ctx, std::int32_t code, tenon_str json) {
    const auto* sink = static_cast<Deaf*>(ctx)->out;
    sink->problem(sink->ctx, code, json);
  }
};

// The wrapper's operation; some rules it would not let a driver break.
std::int32_t called(tenon_op operation, void* self, tenon_str request, const tenon_sink* out) {
  std::string text(tenon::fromAbi(request));
  if (breaks("NARROW") && text.find("x_conformance") != std::string::npos) {
    const std::string problem = R"({"message":"this has a member that nobody knows","field":"x_conformance"})";
    out->problem(out->ctx, TENON_INVALID, tenon::toAbi(problem));
    return TENON_INVALID;
  }
  if (const auto at = text.find("must_understand"); breaks("CARELESS") && at != std::string::npos) text[at] = 'M';
  if (!breaks("STUBBORN")) return operation(self, tenon::toAbi(text), out);
  Deaf deaf{out};
  const tenon_sink sink{sizeof(tenon_sink), 0, &deaf, &Deaf::document, &Deaf::problem};
  return operation(self, tenon::toAbi(text), &sink);
}

std::int32_t fingerprint(void* self, tenon_str request, const tenon_sink* out) {
  if (breaks("FINGERPRINT") && tenon::fromAbi(request).find("must_understand") == std::string_view::npos) {
    const std::string document = R"({"schema":"tenon.fingerprint/1","health":"splendid"})";
    return out->document(out->ctx, tenon::toAbi(document)) == 0 ? TENON_OK : TENON_CANCELLED;
  }
  return called(inner().fingerprint, self, request, out);
}
std::int32_t plan(void* self, tenon_str request, const tenon_sink* out) { return called(inner().plan, self, request, out); }

const tenon_driver kTable = {sizeof(tenon_driver), 0, &fingerprint, &plan};

struct Outer : Plugin {
  using Plugin::Plugin;
  static const void* extension(std::string_view id) {
    return id == TENON_EXT_DRIVER && !breaks("TABLE") ? &kTable : nullptr;
  }
};

}  // namespace

TENON_PLUGIN(Outer)
