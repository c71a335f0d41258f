#include "platform/linux/process/Containment.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "platform/linux/ProcFs.h"

namespace tenon::platform {

namespace {

constexpr std::string_view kFolder = "/tenon";
constexpr std::string_view kControllers = "+memory +cpu +pids";
constexpr std::uint64_t kPeriodMicros = 100000;  // the kernel's own default for a quota

std::string uniqueSuffix() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    number = (static_cast<std::uint64_t>(::getpid()) << 32) ^ reinterpret_cast<std::uintptr_t>(&number);
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "-";
  for (int digit = 0; digit < 16; ++digit, number >>= 4) text += kHex[number & 15];
  return text;
}

Outcome makeFolder(const std::string& folder, bool mayExist) {
  if (::mkdir(folder.c_str(), 0755) == 0 || (mayExist && errno == EEXIST)) return kDone;
  return osFault("make control group " + folder, errno);
}

Outcome writeTo(const std::string& file, const std::string& text) {
  const int error = writeKernelFile(file, text);
  return error == 0 ? kDone : Outcome(osFault("write " + text + " to " + file, error));
}

// cgroup v2: controllers reach the groups below only from folders that hold no process themselves.
Outcome shareControllers(const ContainmentWay& way) {
  if (way.leave) {
    const std::string leaf = way.primary + "/agent";
    if (auto fault = makeFolder(leaf, true)) return fault;
    if (auto fault = writeTo(leaf + "/cgroup.procs", std::to_string(::getpid()))) return fault;
  }
  const std::string ours = way.primary + std::string(kFolder);
  if (auto fault = writeTo(way.primary + "/cgroup.subtree_control", std::string(kControllers))) return fault;
  if (auto fault = writeTo(ours + "/cgroup.subtree_control", std::string(kControllers))) return fault;
  // Counts alone are missing without it.
  for (const std::string& folder : {way.primary, ours}) writeKernelFile(folder + "/cgroup.subtree_control", "+io");
  return kDone;
}

Outcome prepare(const ContainmentWay& way) {
  if (way.primary.empty()) return kDone;
  if (auto fault = makeFolder(way.primary + std::string(kFolder), true)) return fault;
  return way.kind == "cgroup-v2" ? shareControllers(way) : kDone;
}

std::uint64_t quotaMicros(double cpus) { return static_cast<std::uint64_t>(cpus * static_cast<double>(kPeriodMicros)); }

Outcome limitV2(const Group& group, const Limits& limits) {
  const std::string at = group.primary + "/";
  if (limits.memoryBytes) {
    if (auto fault = writeTo(at + "memory.max", std::to_string(*limits.memoryBytes))) return fault;
    if (auto fault = writeTo(at + "memory.oom.group", "1")) return fault;
    writeKernelFile(at + "memory.swap.max", "0");  // not there without swap accounting
  }
  if (limits.processes) {
    if (auto fault = writeTo(at + "pids.max", std::to_string(*limits.processes))) return fault;
  }
  if (!limits.cpus) return kDone;
  return writeTo(at + "cpu.max", std::to_string(quotaMicros(*limits.cpus)) + " " + std::to_string(kPeriodMicros));
}

// A v1 group is made, and entered at spawn, only for a limit that is asked for: each entry costs about as much as a fork.
Outcome joinV1(const std::string& parent, const std::string& name, std::string& folder) {
  if (auto fault = makeFolder(parent + std::string(kFolder), true)) return fault;
  folder = parent + std::string(kFolder) + "/" + name;
  return makeFolder(folder, false);
}

Outcome limitV1(const ContainmentWay& way, const Limits& limits, Group& group) {
  const auto join = [&](const std::string& parent, std::string& folder) -> Outcome {
    const std::string own = parent + std::string(kFolder) + "/" + group.name;
    if (own == group.primary) return folder = own, kDone;
    return joinV1(parent, group.name, folder);
  };
  if (limits.memoryBytes && !way.memory.empty()) {
    if (auto fault = join(way.memory, group.memory)) return fault;
    const std::string bytes = std::to_string(*limits.memoryBytes);
    if (auto fault = writeTo(group.memory + "/memory.limit_in_bytes", bytes)) return fault;
    writeKernelFile(group.memory + "/memory.memsw.limit_in_bytes", bytes);  // not there without swap accounting
  }
  if (limits.processes && !way.pids.empty()) {
    if (auto fault = join(way.pids, group.pids)) return fault;
    if (auto fault = writeTo(group.pids + "/pids.max", std::to_string(*limits.processes))) return fault;
  }
  if (!limits.cpus || way.cpu.empty()) return kDone;
  if (auto fault = join(way.cpu, group.cpu)) return fault;
  if (auto fault = writeTo(group.cpu + "/cpu.cfs_period_us", std::to_string(kPeriodMicros))) return fault;
  return writeTo(group.cpu + "/cpu.cfs_quota_us", std::to_string(quotaMicros(*limits.cpus)));
}

}  // namespace

Containment::Containment(Warn warn) : warn_(std::move(warn)), ways_(findContainmentWays(readHierarchies())) {}

ContainmentWay Containment::way() const {
  const std::lock_guard lock(mutex_);
  return ways_.front();
}

Outcome Containment::make(const std::string& name, const Limits& limits, Group& group) {
  const ContainmentWay way = preparedWay();
  group = Group{};
  group.kind = way.kind;
  group.name = name + uniqueSuffix();
  group.bornInto = way.bornInto;
  const Outcome fault = makeIn(way, limits, group);
  if (fault) group.remove();
  if (!fault) warnOfMissing(way, limits, name);
  return fault;
}

ContainmentWay Containment::preparedWay() {
  const std::lock_guard lock(mutex_);
  while (!prepared_) {
    const Outcome fault = prepare(ways_.front());
    if (!fault || ways_.size() == 1) {
      prepared_ = true;
    } else {
      warn_("containment by " + ways_.front().kind + " does not work (" + fault->message + "); " + ways_[1].kind +
            " instead");
      const std::string why = fault->message + "; " + ways_[1].why;
      ways_.erase(ways_.begin());
      ways_.front().why = why;
    }
  }
  return ways_.front();
}

Outcome Containment::makeIn(const ContainmentWay& way, const Limits& limits, Group& group) {
  if (way.primary.empty()) return kDone;
  group.primary = way.primary + std::string(kFolder) + "/" + group.name;
  Outcome fault = makeFolder(group.primary, false);
  if (fault && fault->name == "not-found") {  // another agent of this machine has just taken the empty parent away
    if ((fault = prepare(way))) return fault;
    fault = makeFolder(group.primary, false);
  }
  if (fault) return fault;
  return way.kind == "cgroup-v2" ? limitV2(group, limits) : limitV1(way, limits, group);
}

void Containment::warnOfMissing(const ContainmentWay& way, const Limits& limits, const std::string& name) const {
  if (way.kind == "cgroup-v2") return;
  std::string missing;
  const auto note = [&](bool wanted, const std::string& folder, const char* limit) {
    if (wanted && folder.empty()) missing += std::string(missing.empty() ? "" : ", ") + limit;
  };
  note(limits.memoryBytes.has_value(), way.memory, "memory");
  note(limits.cpus.has_value(), way.cpu, "cpus");
  note(limits.processes.has_value(), way.pids, "processes");
  if (!missing.empty()) warn_(name + ": its limit of " + missing + " cannot be held here: " + way.why);
}

void Containment::close() {
  const std::lock_guard lock(mutex_);
  if (!prepared_) return;
  const ContainmentWay& way = ways_.front();
  for (const auto* parent : {&way.primary, &way.memory, &way.cpu, &way.pids}) {
    if (!parent->empty()) ::rmdir((*parent + std::string(kFolder)).c_str());
  }
}

}  // namespace tenon::platform
