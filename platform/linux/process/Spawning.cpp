// How processes come to the adapter: by spawn and by adoption.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "platform/linux/ProcFs.h"
#include "platform/linux/isolation/Isolation.h"
#include "platform/linux/isolation/NetworkFilter.h"
#include "platform/linux/process/Child.h"
#include "platform/linux/process/Escaped.h"
#include "platform/linux/process/ExecFailure.h"
#include "platform/linux/process/Kill.h"
#include "platform/linux/process/ProcessAdapter.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

Fault spawnFault(const std::string& doing, int error) {
  Fault fault = osFault(doing, error);
  if (fault.name != "disk-full") fault.name = "spawn-failed";
  return fault;
}

// Never through a link: the folder belongs to the service, which may have put one there to write elsewhere.
Outcome openOutput(const std::string& path, Descriptor& output) {
  constexpr int kHow = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  output = Descriptor(::open(path.c_str(), kHow, 0640));
  struct stat found = {};
  if (!output || ::fstat(output.get(), &found) != 0) return spawnFault("open output " + path, errno);
  if (!S_ISREG(found.st_mode) && !S_ISCHR(found.st_mode)) {
    return Fault{TENON_DENIED, "open output " + path + ": it is no regular file", "spawn-failed"};
  }
  if (::fcntl(output.get(), F_SETFL, O_APPEND) != 0) return spawnFault("open output " + path, errno);
  return kDone;
}

std::vector<const char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// The descriptors by which a child enters its group; closed when the child has begun.
class Entrances {
 public:
  Outcome open(const Group& group, ChildPlan& plan) {
    if (!group.isCgroup()) return kDone;
    if (group.bornInto) {
      folder_ = Descriptor(::open(group.primary.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!folder_) return spawnFault("open control group " + group.primary, errno);
      plan.group = folder_.get();
    }
    auto folders = group.limitFolders();
    if (!group.bornInto && std::find(folders.begin(), folders.end(), group.primary) == folders.end()) {
      folders.push_back(group.primary);
    }
    for (const auto& folder : folders) {
      const std::string procs = folder + "/cgroup.procs";
      Descriptor entrance(::open(procs.c_str(), O_WRONLY | O_CLOEXEC));
      if (!entrance) return spawnFault("open " + procs, errno);
      plan.joins[plan.joinCount++] = entrance.get();
      joins_.push_back(std::move(entrance));
    }
    return kDone;
  }

 private:
  Descriptor folder_;
  std::vector<Descriptor> joins_;
};

std::uint64_t numberOf(const json::Value& document, std::string_view key) {
  const json::Value* value = document.find(key);
  const auto number = value ? value->integer() : std::nullopt;
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

json::Value told(const Isolated& isolated) {
  json::Value lacks = json::Value::array();
  for (const auto& each : isolated.lacks) lacks.push(each);
  json::Value isolation;
  if (isolated.user) isolation.set("user", *isolated.user);
  isolation.set("files", static_cast<bool>(isolated.ruleset)).set("lacks", lacks);
  if (isolated.networkShut) isolation.set("network", false);
  return isolation;
}

bool runs(const std::optional<ProcStat>& stat) { return stat && stat->state != 'Z' && stat->state != 'X'; }

}  // namespace

std::string ProcessAdapter::identityOf(const Tracked& tracked, const json::Value& isolation) {
  json::Value identity;
  identity.set("schema", "tenon.process/1").set("pid", tracked.pid).set("start_time", tracked.startTime);
  identity.set("boot_id", boot()).set("group", tracked.group.identity());
  if (!isolation.isNull()) identity.set("isolation", isolation);
  return identity.text();
}

Outcome ProcessAdapter::start(const SpawnRequest& request, const Group& home, Tracked& tracked, json::Value& isolation) {
  Descriptor output;
  if (auto fault = openOutput(request.output.empty() ? "/dev/null" : request.output, output)) return fault;
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing) return spawnFault("open /dev/null", errno);
  Isolated isolated;
  if (request.isolation.wanted()) {
    if (auto fault = isolate(request, output.get(), isolated)) return fault;
    isolation = told(isolated);
  }
  Entrances entrances;
  ChildPlan plan;
  if (auto fault = entrances.open(home, plan)) return fault;

  auto environment = request.env;
  if (tracked.ends.channel >= 0) environment.push_back("TENON_CHANNEL=" + std::to_string(tracked.ends.channel));
  if (!home.isCgroup()) environment.push_back(std::string(kGroupTag) + home.name);
  const auto argv = pointersTo(request.argv);
  const auto env = pointersTo(environment);
  plan.argv = argv.data();
  plan.env = env.data();
  plan.cwd = request.cwd.c_str();
  plan.output = output.get();
  plan.nothing = nothing.get();
  plan.openFiles = openFiles_.before();
  if (const auto most = request.limits.openFiles) plan.openFiles = rlimit{*most, *most};
  plan.user = isolated.user;
  plan.kept = {tracked.ends.channel, tracked.ends.library};
  plan.ruleset = isolated.ruleset.get();
  plan.withoutPrivileges = !request.isolation.privileges;
  if (isolated.networkShut) plan.filter = &networkFilter();

  ChildStart start = startChild(plan);
  if (start.error != 0) return explainFailure(request, start);
  tracked.pid = tracked.group.leader = start.pid;
  tracked.pidfd = std::move(start.pidfd);
  // Nobody but us reaps it, so even one that has ended already still has its line.
  const auto stat = readStat(start.pid);
  tracked.startTime = tracked.group.leaderStart = stat ? stat->startTime : 0;
  return kDone;
}

Outcome ProcessAdapter::findHost(const SpawnRequest& request, TrackedPtr& host) const {
  if (auto fault = find(*request.into, host)) return fault;
  return host->ended ? Outcome(notFound("process " + std::to_string(host->pid) + " has ended")) : kDone;
}

Outcome ProcessAdapter::spawn(std::string_view document, tenon_process& process, std::string& identity) {
  return spawnWith({}, document, process, identity);
}

Outcome ProcessAdapter::spawnHelper(HelperEnds ends, std::string_view document, tenon_process& process,
                                    std::string& identity) {
  return spawnWith(ends, document, process, identity);
}

Outcome ProcessAdapter::spawnWith(HelperEnds ends, std::string_view document, tenon_process& process,
                                  std::string& identity) {
  SpawnRequest request;
  if (auto fault = parseSpawnRequest(document, request)) return fault;
  auto tracked = std::make_shared<Tracked>();
  tracked->ends = ends;
  const bool helper = ends.channel >= 0;
  if (!helper && request.output.empty()) return invalid("output", "output: missing");
  if (helper && request.into) return invalid("into", "into: a helper has a containment of its own");
  TrackedPtr host;
  if (request.into) {
    if (auto fault = findHost(request, host)) return fault;
    tracked->group.kind = "process-group";  // what it leads to itself, inside the other's
    tracked->group.name = request.name;
  } else if (auto fault = containment_.make(request.name, request.limits, tracked->group)) {
    fault->name = "spawn-failed";
    return fault;
  }
  const Group home = host ? host->group : tracked->group;
  if (!home.isCgroup()) becomeSubreaper();
  const std::shared_lock lock(births_);
  json::Value isolation;
  if (auto fault = start(request, home, *tracked, isolation)) {
    tracked->group.remove();
    return fault;
  }
  identity = identityOf(*tracked, isolation);
  const Group group = tracked->group;
  if (auto fault = track(std::move(tracked), process)) {
    killGroup(group);
    group.remove();
    return fault;
  }
  return kDone;
}

// Nothing is closed before it is certain that there is no way back.
Outcome ProcessAdapter::become(std::string_view document) {
  std::vector<std::string> argv;
  if (auto fault = parseBecomeRequest(document, argv)) return fault;
  if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return osFault("mark descriptors to be closed", errno);
  auto pointers = pointersTo(argv);
  openFiles_.restore();  // else the next agent would take ours for what its services are to have
  ::execv(argv.front().c_str(), const_cast<char* const*>(pointers.data()));  // by contract it changes none of them
  const int error = errno;
  openFiles_.raiseAgain();
  return osFault("become " + argv.front(), error);
}

Outcome ProcessAdapter::adopt(std::string_view identity, tenon_process& process) {
  const auto parsed = json::parse(identity);
  if (!parsed) return invalid("", "process identity: " + parsed.error);
  if (textOf(*parsed, "schema") != "tenon.process/1") return invalid("schema", "schema: expected tenon.process/1");
  auto tracked = std::make_shared<Tracked>();
  const json::Value* group = parsed->find("group");
  if (!group) return invalid("group", "group: missing");
  if (auto fault = Group::parse(*group, tracked->group)) return fault;
  tracked->pid = tracked->group.leader = static_cast<pid_t>(numberOf(*parsed, "pid"));
  tracked->startTime = tracked->group.leaderStart = numberOf(*parsed, "start_time");
  if (tracked->pid <= 0) return invalid("pid", "pid: expected a number above 0");
  const std::string who = "process " + std::to_string(tracked->pid);
  if (textOf(*parsed, "boot_id") != boot()) return notFound(who + " was of another boot of this machine");

  // First the hold on it, then the look at who it is: after that the number cannot change hands unseen.
  tracked->pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, tracked->pid, 0)));
  if (!tracked->pidfd && errno != ESRCH) return osFault("look at " + who, errno);  // it may well run
  const auto stat = readStat(tracked->pid);
  const bool inGroup = runs(stat) && tracked->group.contains(tracked->pid);
  if (tracked->pidfd && inGroup && stat->startTime == tracked->startTime) return track(std::move(tracked), process);
  if (inGroup) return notFound(who + " is another one: it started at another time");
  if (stat && !runs(stat) && stat->parent == ::getpid()) ::waitpid(tracked->pid, nullptr, WNOHANG);  // nobody else will
  // Its main process has ended, so what is left of the group is nobody's, and may keep a port.
  if (!killGroup(tracked->group) && tracked->group.isCgroup()) tracked->group.remove();
  return notFound(who + " no longer runs");
}

}  // namespace tenon::platform
