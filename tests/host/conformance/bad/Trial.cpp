// A driver for exec type "trial" that keeps the rules, and with TENON_TRIAL_<WHAT> breaks one of them: only one, so that one
// check alone may fail.
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

namespace {

struct Trial {
  void fingerprint(tenon::Fingerprint& f) {
#if defined(TENON_TRIAL_FINGERPRINT)
    f.attribute("broken", "yes");
#endif
    f.healthy().attribute("trial.kind", "plain");
  }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    [[maybe_unused]] const std::string service = r.serviceId;
#if !defined(TENON_TRIAL_TYPES)
    r.requireType("trial");
#endif
    misbehave(r);
    const std::string entry = r.exec.string("entry").orInvalid("name the program");
    if (entry.empty()) throw tenon::invalid("exec.entry", "name the program");
    tenon::LaunchPlan plan;
    plan.program(entry).args(r.exec.list("args")).cwd(r.exec.string("cwd"));
    if (const auto mode = r.exec.string("mode")) plan.env("MODE", *mode);
    embellish(plan);
    return plan;
  }

 private:
  static void misbehave([[maybe_unused]] const tenon::PlanRequest& r) {
#if defined(TENON_TRIAL_CRASH)
    if (!r.exec.has("args")) return;
    try {
      r.exec.list("args").otherwise({});
    } catch (const tenon::Problem&) {
      std::abort();
    }
#elif defined(TENON_TRIAL_FIELDLESS)
    if (!r.exec.has("entry")) return;
    try {
      r.exec.string("entry").otherwise("");
    } catch (const tenon::Problem&) {
      throw tenon::Problem(TENON_INVALID, "no");
    }
#elif defined(TENON_TRIAL_LEAVES)
    static const bool once = leaveAll();
    (void)once;
#endif
  }

  static void embellish([[maybe_unused]] tenon::LaunchPlan& plan) {
#if defined(TENON_TRIAL_COUNTS)
    static std::atomic<int> calls{0};
    if (++calls > 500) plan.env("LATE", "1");
#elif defined(TENON_TRIAL_THREADS)
    static const std::thread::id first = std::this_thread::get_id();
    if (std::this_thread::get_id() != first) plan.env("THREAD", "another");
#elif defined(TENON_TRIAL_ENVIRONMENT)
    if (std::getenv("PATH")) plan.env("SEEN", "PATH");
#elif defined(TENON_TRIAL_NAMES)
    plan.env("1 NAME", "x");
#elif defined(TENON_TRIAL_ENDS)
    plan.env("MODE", "broken");
#endif
  }

#if defined(TENON_TRIAL_LEAVES)
  static bool leaveAll() {
    std::thread([] {
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
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
#endif
};

using Plugin = tenon::DriverPlugin<Trial>;

const tenon_driver& inner() { return *static_cast<const tenon_driver*>(Plugin::extension(TENON_EXT_DRIVER)); }

// The wrapper's operation; some rules it would not let a driver break.
std::int32_t called(tenon_op operation, void* self, tenon_str request, const tenon_sink* out) {
#if defined(TENON_TRIAL_NARROW)
  if (tenon::fromAbi(request).find("x_conformance") != std::string_view::npos) {
    const std::string problem = R"({"message":"this has a member that nobody knows","field":"x_conformance"})";
    out->problem(out->ctx, TENON_INVALID, tenon::toAbi(problem));
    return TENON_INVALID;
  }
  return operation(self, request, out);
#elif defined(TENON_TRIAL_CARELESS)
  std::string text(tenon::fromAbi(request));
  if (const auto at = text.find("must_understand"); at != std::string::npos) text[at] = 'M';
  return operation(self, tenon::toAbi(text), out);
#elif defined(TENON_TRIAL_STUBBORN)
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
  } deaf{out};
  const tenon_sink sink{sizeof(tenon_sink), 0, &deaf, &Deaf::document, &Deaf::problem};
  return operation(self, request, &sink);
#else
  return operation(self, request, out);
#endif
}

std::int32_t fingerprint(void* self, tenon_str request, const tenon_sink* out) {
#if defined(TENON_TRIAL_FINGERPRINT)
  const std::string document = R"({"schema":"tenon.fingerprint/1","health":"splendid"})";
  if (std::string_view(request.ptr, static_cast<std::size_t>(request.len)).find("must_understand") ==
      std::string_view::npos) {
    return out->document(out->ctx, tenon::toAbi(document)) == 0 ? TENON_OK : TENON_CANCELLED;
  }
#endif
  return called(inner().fingerprint, self, request, out);
}
std::int32_t plan(void* self, tenon_str request, const tenon_sink* out) { return called(inner().plan, self, request, out); }

[[maybe_unused]] const tenon_driver kTable = {sizeof(tenon_driver), 0, &fingerprint, &plan};

struct Outer : Plugin {
  using Plugin::Plugin;
  static const void* extension(std::string_view id) {
#if defined(TENON_TRIAL_TABLE)
    return (void)id, nullptr;
#else
    return id == TENON_EXT_DRIVER ? &kTable : nullptr;
#endif
  }
};

}  // namespace

#if defined(TENON_TRIAL_EXPORTS)
extern "C" TENON_EXPORT int trial_helper() { return 1; }
#endif

TENON_PLUGIN(Outer)
