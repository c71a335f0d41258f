// A runtime driver in C++: a class with
//   void fingerprint(tenon::Fingerprint& f);                   is my runtime on this machine, and where?
//   tenon::LaunchPlan plan(const tenon::PlanRequest& r);       how is this release launched?
// and TENON_DRIVER(TheClass) after it. Both are called from any thread, at the same time; keep no state that changes. `plan`
// is pure: the same request gives the same plan, it starts nothing, and of the disk it reads the package, and what the
// fingerprint names (docs/adr/0013). Throw tenon::invalid(field, message), unsupported(message) or unavailable(message)
// where there is no answer. Header-only, C++17.
#ifndef TENON_DRIVER_HPP
#define TENON_DRIVER_HPP

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/detail/search.hpp"
#include "tenon/fields.hpp"
#include "tenon/json.hpp"
#include "tenon/plugin.hpp"

namespace tenon {

// The first executable file of that name in the node's search path: the host's while it asks for a fingerprint, else PATH.
inline std::optional<std::string> which(std::string_view program) {
  return detail::which(program, detail::currentSearchPath());
}

// tenon.fingerprint/1. Begins as undetected.
class Fingerprint {
 public:
  explicit Fingerprint(std::vector<std::string> platforms) : platforms_(std::move(platforms)) {}

  // That the node satisfies, best first.
  const std::vector<std::string>& platforms() const { return platforms_; }

  Fingerprint& healthy() { return state("healthy", ""); }
  // Not here; `why` in one line.
  Fingerprint& undetected(std::string why) { return state("undetected", std::move(why)); }
  // Here, but not fit to run anything.
  Fingerprint& unhealthy(std::string why) { return state("unhealthy", std::move(why)); }
  // Comes back to plan() as r.fingerprint.
  Fingerprint& attribute(std::string_view key, std::string value) { return attributes_.set(key, std::move(value)), *this; }

  std::string document() const {
    json::Value out;
    out.set("schema", "tenon.fingerprint/1").set("health", health_);
    if (!why_.empty()) out.set("why", why_);
    return out.set("attributes", attributes_).text();
  }

 private:
  Fingerprint& state(std::string health, std::string why) {
    health_ = std::move(health);
    why_ = std::move(why);
    return *this;
  }

  std::vector<std::string> platforms_;
  std::string health_ = "undetected", why_;
  json::Value attributes_ = json::Value::object();
};

// A service's memory in MiB at most (an exbibyte): what is computed of it does not overflow.
inline constexpr std::int64_t kMostMemoryMb = std::int64_t{1} << 40;

// tenon.plan-request/1. Lives as long as the call.
class PlanRequest {
 public:
  explicit PlanRequest(json::Value request)
      : request_(std::move(request)),
        top_(&request_, ""),
        serviceId(top_.string("service_id").orInvalid("missing")),
        version(top_.string("version").orInvalid("missing")),
        platform(top_.string("platform").orInvalid("missing")),
        packageDir(top_.string("package_dir").orInvalid("missing")),
        exec(request_.find("exec"), "exec"),
        entrypoint(top_.string("entrypoint")),
        memoryMb(top_.integer("memory_mb", 1, kMostMemoryMb)),
        env(request_.find("env"), "env"),
        isolation(top_.string("isolation")),
        fingerprint(request_.find("fingerprint"), "fingerprint"),
        policy(request_.find("policy"), "policy") {}
  PlanRequest(const PlanRequest&) = delete;
  PlanRequest& operator=(const PlanRequest&) = delete;

 private:
  const json::Value request_;
  const Fields top_;

 public:
  const std::string serviceId, version, platform;
  const PackageDir packageDir;
  const Fields exec;                    // service.json's block, as its author wrote it
  const Field<std::string> entrypoint;  // service.json's
  const Field<std::int64_t> memoryMb;   // the limit that the service will run under
  const Fields env;                     // what service.json and the node set, not expanded; false where the host tells none
  const Field<std::string> isolation;   // "none", "standard" or "strict", as the service will run
  const Fields fingerprint;             // the attributes that this driver found on this node
  const Fields policy;                  // the node's: "system_runtime"

  bool onWindows() const { return platform.rfind("windows-", 0) == 0; }
  // Throws unless its exec type is that one: for a driver of a single type.
  void requireType(std::string_view type) const {
    if (exec.string("type").orInvalid("missing") != type)
      throw invalid("exec.type", "this driver runs " + std::string(type));
  }
};

// Text in a plan. What a service author or a driver writes is a template, in which ${SERVICE_PORT}, ${DATA_DIR} and the like
// stay for the host; what the machine says (a path that was found) is literal().
class Text {
 public:
  Text(const char* text) : text_(text) {}
  Text(std::string text) : text_(std::move(text)) {}
  Text(const PackagePath& path) : text_(path.text()) {}
  // A machine's fact from the fingerprint, so taken literally; where it is missing, or says nothing, the runtime is.
  Text(const Field<std::string>& fact) : text_(fact && !fact->empty() ? escape(*fact) : throw lacking(fact.path())) {}
  static Text literal(std::string_view text) { return Text(escape(text)); }

  const std::string& text() const { return text_; }

 private:
  static Problem lacking(const std::string& path) {
    return unavailable("this node has no such runtime: " + path + " is not known").errorCode("resource-missing");
  }
  std::string text_;
};

// One program with what it gets.
class Command {
 public:
  explicit Command(Text program) : program_(program.text()) {}
  Command& arg(const Text& text) { return args_.push(text.text()), *this; }
  Command& args(const std::vector<std::string>& all) {
    for (const auto& text : all) args_.push(text);
    return *this;
  }
  Command& env(std::string_view name, const Text& value) { return env_.set(name, value.text()), *this; }

 private:
  friend class LaunchPlan;
  template <class Object>
  void write(Object& out) const {
    out.set("program", program_).set("args", args_).set("env", env_);
  }
  std::string program_;
  json::Value args_ = json::Value::array(), env_ = json::Value::object();
};

// tenon.plan/1.
class LaunchPlan {
 public:
  // Relative: in the package. A bare name: in the package, then on the node's search path. Absolute: as it is.
  LaunchPlan& program(const Text& text) { return command_.program_ = text.text(), *this; }
  LaunchPlan& arg(const Text& text) { return command_.arg(text), *this; }
  LaunchPlan& args(const std::vector<std::string>& all) { return command_.args(all), *this; }
  // None where the member is absent.
  LaunchPlan& args(const Field<std::vector<std::string>>& all) { return all ? args(*all) : *this; }
  LaunchPlan& env(std::string_view name, const Text& value) { return command_.env(name, value), *this; }
  // Relative to the package.
  LaunchPlan& cwd(const Text& text) { return cwd_ = text.text(), *this; }
  LaunchPlan& cwd(const Field<std::string>& text) { return text ? (cwd_ = *text, *this) : *this; }
  // Runs to its end before the first start.
  LaunchPlan& prepare(const Command& step) {
    json::Value out;
    step.write(out);
    return prepare_.push(std::move(out)), *this;
  }
  // What an exit status of the service means, in a few words: for people.
  LaunchPlan& exitCode(int status, std::string meaning) {
    return exitCodes_.set(std::to_string(status), std::move(meaning)), *this;
  }

  std::string document() const {
    if (command_.program_.empty()) throw Problem(TENON_INTERNAL, "the driver made a plan without a program");
    json::ObjectText out;
    out.set("schema", "tenon.plan/1");
    command_.write(out);
    return out.set("cwd", cwd_).set("prepare", prepare_).set("exit_codes", exitCodes_).text();
  }

 private:
  Command command_{""};
  std::string cwd_ = ".";
  json::Value prepare_ = json::Value::array(), exitCodes_ = json::Value::object();
};

// The plugin around a driver class.
template <class Driver>
class DriverPlugin {
 public:
  explicit DriverPlugin(Host host) : driver_(make(host)) {}

  static const void* extension(std::string_view id) { return id == TENON_EXT_DRIVER ? &table : nullptr; }

 private:
  static Driver make(Host host) {
    if constexpr (std::is_constructible_v<Driver, Host>)
      return Driver(host);
    else
      return (void)host, Driver();
  }

  static std::int32_t fingerprint(void* self, tenon_str text, const tenon_sink* out) noexcept {
    return guarded(out, [&] {
      const json::Value request = readRequest(text, "tenon.fingerprint-request/1", {"schema", "platforms", "search_path"});
      const Fields fields(&request, "");
      const detail::SearchPathScope scope(fields.string("search_path").otherwise(""));
      Fingerprint answer(fields.list("platforms").otherwise({}));
      static_cast<DriverPlugin*>(self)->driver_.fingerprint(answer);
      Sink(out).document(answer.document());
    });
  }

  static std::int32_t plan(void* self, tenon_str text, const tenon_sink* out) noexcept {
    return guarded(out, [&] {
      const PlanRequest request(readRequest(text, "tenon.plan-request/1",
                                            {"schema", "service_id", "version", "platform", "package_dir", "exec",
                                             "entrypoint", "memory_mb", "env", "isolation", "fingerprint", "policy"}));
      Sink(out).document(static_cast<DriverPlugin*>(self)->driver_.plan(request).document());
    });
  }

  static constexpr tenon_driver table = {sizeof(tenon_driver), 0, &fingerprint, &plan};
  Driver driver_;
};

}  // namespace tenon

#define TENON_DRIVER(Type) TENON_PLUGIN(::tenon::DriverPlugin<Type>)

#endif
