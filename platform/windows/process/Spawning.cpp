// How processes come to the adapter: by spawn and by adoption.
#include <utility>

#include "platform/windows/Wide.h"
#include "platform/windows/process/Child.h"
#include "platform/windows/process/Kill.h"
#include "platform/windows/process/ProcessAdapter.h"
#include "platform/windows/process/Processes.h"
#include "platform/windows/process/StopEvent.h"
#include "tenon/json.hpp"

namespace tenon::platform {

namespace {

std::uint64_t numberOf(const json::Value& document, std::string_view key) {
  const json::Value* value = document.find(key);
  const auto number = value ? value->integer() : std::nullopt;
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

Fault asSpawnFault(Fault fault) {
  if (fault.code != TENON_INVALID && fault.name != "disk-full") fault.name = "spawn-failed";
  return fault;
}

// Of the job that this process itself is in, where it is in one.
DWORD ownJobFlags() {
  BOOL inside = FALSE;
  if (!::IsProcessInJob(::GetCurrentProcess(), nullptr, &inside) || !inside) return 0;
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {};
  if (!::QueryInformationJobObject(nullptr, JobObjectExtendedLimitInformation, &limits, sizeof limits, nullptr)) return 0;
  return limits.BasicLimitInformation.LimitFlags;
}

}  // namespace

bool ProcessAdapter::mayLeaveOurJob() {
  std::call_once(ownJobSeen_, [this] {
    const DWORD flags = ownJobFlags();
    mayLeave_ = (flags & JOB_OBJECT_LIMIT_BREAKAWAY_OK) != 0;
    if ((flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE) != 0 && !mayLeave_) {
      warn_("whoever started this program ends all that it has started when it closes: services will not outlive it");
    }
  });
  return mayLeave_;
}

std::string ProcessAdapter::identityOf(const Tracked& tracked, const std::vector<std::string>& lacks) {
  json::Value identity;
  identity.set("schema", "tenon.process/1").set("pid", tracked.pid).set("start_time", tracked.startTime);
  identity.set("boot_id", bootId()).set("group", tracked.group.identity());
  if (lacks.empty()) return identity.text();
  json::Value texts = json::Value::array();
  for (const auto& each : lacks) texts.push(each);
  json::Value isolation;
  identity.set("isolation", isolation.set("files", false).set("lacks", texts));
  return identity.text();
}

Outcome ProcessAdapter::start(const SpawnRequest& request, HANDLE job, Tracked& tracked) {
  if (auto fault = makeStopEvent(tracked.group.name, tracked.stopEvent)) return asSpawnFault(*fault);
  SpawnRequest whole = request;
  whole.env.emplace_back(kStopEventVariableUtf8, toUtf8(stopEventName(tracked.group.name)));
  if (tracked.channel) {
    whole.env.emplace_back("TENON_CHANNEL", std::to_string(reinterpret_cast<std::uintptr_t>(tracked.channel)));
  }
  ChildStart start;
  const ChildSetting setting{job, tracked.stopEvent.get(), mayLeaveOurJob(), tracked.channel};
  if (auto fault = startChild(whole, setting, start)) return fault;
  tracked.pid = tracked.group.leader = start.pid;
  tracked.process = std::move(start.process);
  tracked.startTime = tracked.group.leaderStart = startTimeOf(tracked.process.get());
  return kDone;
}

Outcome ProcessAdapter::findHost(const SpawnRequest& request, TrackedPtr& host) const {
  if (auto fault = find(*request.into, host)) return fault;
  if (host->ended || hasEnded(host->process.get())) {
    return notFound("process " + std::to_string(host->pid) + " has ended");
  }
  if (host->group.isJob()) return kDone;
  return Fault{TENON_UNSUPPORTED, "process " + std::to_string(host->pid) + ": its job object has no name any more",
               "platform-unsupported", "restart the service"};
}

Outcome ProcessAdapter::spawn(std::string_view document, tenon_process& process, std::string& identity) {
  return spawnWith(nullptr, document, process, identity);
}

Outcome ProcessAdapter::spawnHelper(HANDLE channel, std::string_view document, tenon_process& process,
                                    std::string& identity) {
  return spawnWith(channel, document, process, identity);
}

Outcome ProcessAdapter::spawnWith(HANDLE channel, std::string_view document, tenon_process& process, std::string& identity) {
  SpawnRequest request;
  if (auto fault = parseSpawnRequest(document, request)) return fault;
  auto tracked = std::make_shared<Tracked>();
  tracked->channel = channel;
  if (!channel && !request.output) return invalid("output", "output: missing");
  if (channel && request.into) return invalid("into", "into: a helper has a containment of its own");
  TrackedPtr host;
  if (request.into) {
    if (auto fault = findHost(request, host)) return fault;
    tracked->group.name = request.name;  // what it leads to itself, inside the other's job
  } else if (auto fault = Group::make(request.name, request.limits, warn_, tracked->group)) {
    return asSpawnFault(*fault);
  }
  const HANDLE job = host ? host->group.job.get() : tracked->group.job.get();
  if (auto fault = start(request, job, *tracked)) return fault;
  identity = identityOf(*tracked, request.lacks);
  const TrackedPtr kept = tracked;
  Outcome fault = track(std::move(tracked), process);
  if (fault) killGroup(kept->group);
  return fault;
}

Outcome ProcessAdapter::adopt(std::string_view identity, tenon_process& process) {
  const auto parsed = json::parse(identity);
  if (!parsed) return invalid("", "process identity: " + parsed.error);
  if (textOf(*parsed, "schema") != "tenon.process/1") return invalid("schema", "schema: expected tenon.process/1");
  auto tracked = std::make_shared<Tracked>();
  const json::Value* group = parsed->find("group");
  if (!group) return invalid("group", "group: missing");
  if (auto fault = Group::parse(*group, tracked->group)) return fault;
  tracked->pid = tracked->group.leader = static_cast<DWORD>(numberOf(*parsed, "pid"));
  tracked->startTime = tracked->group.leaderStart = numberOf(*parsed, "start_time");
  if (tracked->pid == 0) return invalid("pid", "pid: expected a number above 0");
  const std::string who = "process " + std::to_string(tracked->pid);
  if (textOf(*parsed, "boot_id") != bootId()) return notFound(who + " was of another boot of this machine");

  // The handle keeps the number from changing hands.
  tracked->process = openProcess(tracked->pid, SYNCHRONIZE | PROCESS_QUERY_INFORMATION | PROCESS_TERMINATE);
  const bool runs = tracked->process && !hasEnded(tracked->process.get());
  const bool same = runs && startTimeOf(tracked->process.get()) == tracked->startTime;
  if (same) {
    if (!tracked->group.isJob()) {
      warn_(who + ": its job object has no name any more; its tree is found by parents and environment instead");
    }
    tracked->stopEvent = openStopEvent(tracked->group.name);
    return track(std::move(tracked), process);
  }
  if (runs && tracked->group.contains(tracked->process.get())) {
    return notFound(who + " is another one: it started at another time");
  }
  // Its main process has ended, so what is left of the group is nobody's, and may keep a port.
  if (auto fault = killGroup(tracked->group)) warn_(fault->message);
  return notFound(who + " no longer runs");
}

}  // namespace tenon::platform
