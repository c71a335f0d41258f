// exec type "container": an OCI bundle of the package, run in the foreground by the node's crun or runc, else by bubblewrap.
// The root is put together of the package's folders, which stay as they are and read-only; the network is the node's.
#include "Bundle.h"
#include "Scripts.h"

namespace {

using tenon::container::Bundle;
using tenon::container::Mount;
using tenon::json::Value;

Value list(const std::vector<std::string>& texts) {
  Value all = Value::array();
  for (const auto& text : texts) all.push(text);
  return all;
}

struct Container {
  void fingerprint(tenon::Fingerprint& f) {
    bool any = false;
    for (const std::string name : {"crun", "runc", "bwrap", "unshare", "mount", "awk", "sh"}) {
      const auto found = tenon::which(name);
      if (found) f.attribute(name + ".path", *found);
      any = any || (found && (name == "crun" || name == "runc" || name == "bwrap"));
    }
    if (any) {
      f.healthy();
    } else {
      f.undetected("no crun, runc or bwrap (bubblewrap) on the node's search path; install one of them");
    }
  }

  tenon::LaunchPlan plan(const tenon::PlanRequest& r) {
    requireNode(r);
    const Bundle bundle(r);
    const auto args = r.exec.list("args");
    requireProgram(r, bundle, args ? *args : bundle.args());
    const std::string lacks = lackOf(r, {"unshare", "mount", "awk"});
    std::string useless;
    for (const std::string runtime : {"crun", "runc"}) {
      if (!r.fingerprint.has(runtime + ".path")) continue;
      if (lacks.empty()) return ends(ociPlan(r, bundle, runtime), bundle, args);
      useless = useless.empty() ? runtime : useless;
    }
    if (r.fingerprint.has("bwrap.path")) return ends(bubblewrapPlan(r, bundle), bundle, args);
    if (!useless.empty()) {
      throw tenon::unavailable("this node has " + useless + ", and no " + lacks + ", without which it is of no use here")
          .errorCode("resource-missing")
          .hint("install " + lacks + " on the node, or bubblewrap");
    }
    throw tenon::unavailable("this node has nothing that runs containers: no crun, runc or bwrap (bubblewrap)")
        .errorCode("resource-missing")
        .hint("install crun on the node (or runc, or bubblewrap)");
  }

 private:
  static void requireNode(const tenon::PlanRequest& r) {
    if (r.platform.rfind("linux-", 0) != 0) {
      throw tenon::invalid("exec.type", "containers are Linux's, and this release is for " + r.platform);
    }
    if (!r.policy.boolean("system_runtime").otherwise(true)) {
      throw tenon::invalid("exec.type",
                           "this node runs only packages that bring their own runtime, and a container uses the node's");
    }
    if (const auto level = r.isolation.otherwise("none"); level != "none") {
      throw tenon::invalid("isolation", "a container is put together by mounts, which isolation \"" + level + "\" forbids")
          .hint(
              "write \"isolation\": \"none\" into service.json (the container shuts the service in); where it says so "
              "already, the node's isolation_least wants more");
    }
  }

  // The first of these that the node has not; "" where it has all.
  static std::string lackOf(const tenon::PlanRequest& r, const std::vector<std::string>& programs) {
    for (const auto& each : programs) {
      if (!r.fingerprint.has(each + ".path")) return each;
    }
    return "";
  }

  static void requireProgram(const tenon::PlanRequest& r, const Bundle& bundle, const std::vector<std::string>& args) {
    if (args.empty() || args.front().empty()) {
      throw tenon::invalid("exec.args", "name the program to run, and its arguments: config.json has no process.args");
    }
    if (args.front().front() != '/') return;
    const auto program = bundle.rootfs() / args.front().substr(1);
    std::error_code ignored;
    if (!program.inside() || std::filesystem::is_symlink(tenon::nativePath(program.real()), ignored)) return;
    const auto found = tenon::Executable::read(program.real());
    const auto machine = r.platform.substr(r.platform.find('-') + 1);
    if (found.format == tenon::Executable::Format::Elf && found.machine != machine) {
      throw tenon::invalid("exec.bundle",
                           program.name() + " was built for " + found.machine + ", and this release is for " + r.platform);
    }
  }

  static tenon::LaunchPlan ends(tenon::LaunchPlan plan, const Bundle& bundle,
                                const tenon::Field<std::vector<std::string>>& args) {
    plan.exitCode(125, "the container could not be put together: the log says why");
    if (args) return plan.args(*args);
    for (const auto& each : bundle.args()) plan.arg(tenon::Text::literal(each));
    return plan;
  }

  static void addVariables(tenon::LaunchPlan& plan, const Bundle& bundle) {
    for (const auto& each : bundle.env()) plan.arg(tenon::Text::literal(each));
    plan.arg("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").arg("--");
  }

  static tenon::LaunchPlan ociPlan(const tenon::PlanRequest& r, const Bundle& bundle, const std::string& runtime) {
    tenon::LaunchPlan plan;
    plan.program("sh").arg("-c").arg(tenon::Text::literal(tenon::container::kApart)).arg("container");
    plan.arg(tenon::Text::literal(tenon::container::byOciRuntime())).arg("container");
    plan.arg(runtime).arg(r.fingerprint.string(runtime + ".path")).arg(bundle.rootfs());
    plan.arg(tenon::Text::literal(configText(r, bundle)));
    addVariables(plan, bundle);
    return plan;
  }

  // config.json up to the arguments and the environment, which only a start knows.
  static std::string configText(const tenon::PlanRequest& r, const Bundle& bundle) {
    Value config = Value::object(), process = Value::object();
    config.set("ociVersion", "1.0.0");
    for (const auto& [key, value] : *bundle.config().members()) {
      if (key != "process" && key != "root" && key != "mounts" && key != "linux") config.set(key, value);
    }
    config.set("root", Value::object().set("path", "rootfs").set("readonly", true));
    config.set("mounts", mountsOf(r, bundle)).set("linux", linuxOf(bundle));
    process.set("terminal", false).set("cwd", bundle.cwd());
    process.set("user", Value::object().set("uid", bundle.user()).set("gid", bundle.group()));
    if (const auto* written = bundle.config().find("process")) {
      for (const auto& [key, value] : *written->members()) {
        if (key != "terminal" && key != "consoleSize" && key != "args" && key != "env" && key != "cwd")
          process.set(key, value);
      }
    }
    std::string text = config.text(), inner = process.text();
    text.pop_back();
    inner.pop_back();
    return text + ",\"process\":" + inner + ",";
  }

  static Value mount(const Mount& from) {
    Value value = Value::object();
    value.set("destination", from.destination).set("type", from.type).set("source", from.source);
    return value.set("options", list(from.options));
  }

  static Value mountsOf(const tenon::PlanRequest& r, const Bundle& bundle) {
    Value all = Value::array();
    for (const auto& name : bundle.entries()) {
      if (isMade(name)) continue;
      all.push(mount({"/" + name, "bind", "package/" + name, {"bind", "ro"}}));
    }
    all.push(mount({"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}}));
    all.push(mount({"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}}));
    all.push(mount({"/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}}));
    all.push(mount({"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}}));
    all.push(mount({"/tmp", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=1777"}}));
    all.push(mount({"/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755"}}));
    all.push(mount({"/data", "bind", "data", {"bind", "rw"}}));
    if ((r.packageDir / "models").exists()) all.push(mount({"/models", "bind", "models", {"bind", "ro"}}));
    for (const auto& each : bundle.mounts()) all.push(mount(each));
    return all;
  }
  // What is in the image's place is the container's own.
  static bool isMade(const std::string& name) {
    for (const char* each : {"proc", "dev", "sys", "tmp", "run", "data", "models"}) {
      if (name == each) return true;
    }
    return false;
  }

  // Its limits are the service's, and its network is the node's: its ports are.
  static Value linuxOf(const Bundle& bundle) {
    Value all = Value::object(), namespaces = Value::array();
    for (const char* each : {"pid", "mount", "ipc", "uts"}) namespaces.push(Value::object().set("type", each));
    all.set("namespaces", namespaces);
    const auto* written = bundle.config().find("linux");
    if (!written || !written->members()) return all;
    for (const auto& [key, value] : *written->members()) {
      const bool ofTheNode = key == "namespaces" || key == "resources" || key == "cgroupsPath" || key == "uidMappings" ||
                             key == "gidMappings" || key == "intelRdt";
      if (!ofTheNode) all.set(key, value);
    }
    return all;
  }

  static tenon::LaunchPlan bubblewrapPlan(const tenon::PlanRequest& r, const Bundle& bundle) {
    tenon::LaunchPlan plan;
    plan.program("sh").arg("-c").arg(tenon::Text::literal(tenon::container::byBubblewrap())).arg("container");
    plan.arg(r.fingerprint.string("bwrap.path"));
    addVariables(plan, bundle);
    plan.args({"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--die-with-parent", "--cap-drop", "ALL"});
    if (bundle.user() != 0 || bundle.group() != 0) {
      plan.args({"--unshare-user", "--uid", std::to_string(bundle.user()), "--gid", std::to_string(bundle.group())});
    }
    for (const auto& [name, target] : bundle.links()) {
      plan.arg("--symlink").arg(tenon::Text::literal(target)).arg(tenon::Text::literal("/" + name));
    }
    for (const auto& name : bundle.entries()) {
      if (!isMade(name)) plan.arg("--ro-bind").arg(bundle.rootfs() / name).arg(tenon::Text::literal("/" + name));
    }
    plan.args({"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--bind", "${DATA_DIR}", "/data"});
    if ((r.packageDir / "models").exists()) plan.args({"--ro-bind", "${MODELS_DIR}", "/models"});
    for (const auto& each : bundle.mounts()) {
      if (each.type == "tmpfs") {
        plan.arg("--tmpfs").arg(tenon::Text::literal(each.destination));
      } else if (each.isBind() && !each.source.empty() && each.source.front() == '/') {
        plan.arg(each.has("ro") ? "--ro-bind" : "--bind").arg(tenon::Text::literal(each.source));
        plan.arg(tenon::Text::literal(each.destination));
      } else {
        throw bundle.wrong("mounts", "have " + each.destination + " of type " + each.type + ", which bubblewrap cannot do")
            .hint("install crun or runc on the node");
      }
    }
    plan.args({"--remount-ro", "/", "--chdir"}).arg(tenon::Text::literal(bundle.cwd())).arg("--");
    return plan;
  }
};

}  // namespace

TENON_DRIVER(Container)
