#include "host/driver/PluginHosts.h"

#include <Poco/Process.h>

#include <atomic>
#include <utility>

#include "host/base/Limits.h"
#include "host/base/Text.h"

namespace tenon::host {

namespace {

// Of the machine: its number for this program, and a count.
std::string hostName() {
  static std::atomic<unsigned> count{0};
  return "plugin." + std::to_string(Poco::Process::id()) + "." + std::to_string(++count);
}

tenon_entry entryOf(const wire::Entry& numbers) {
  tenon_entry entry = {};
  entry.magic = numbers.magic;
  entry.struct_size = numbers.size;
  entry.abi_major = static_cast<std::uint16_t>(numbers.major);
  entry.abi_minor_built = static_cast<std::uint16_t>(numbers.minorBuilt);
  entry.abi_minor_min = static_cast<std::uint16_t>(numbers.minorMin);
  if (!numbers.complete) return entry;
  entry.open = [](const tenon_host*, void**) -> std::int32_t { return TENON_INTERNAL; };
  entry.extension = [](void*, const char*) -> const void* { return nullptr; };
  entry.close = [](void*) {};
  return entry;
}

}  // namespace

Result<ChannelId> PluginHosts::open(const Path& library, const SealedLibrary* sealed) const {
  SpawnRequest request;
  request.name = hostName();
  request.argv = {setting_.program.text()};
  request.cwd = setting_.program.parent();
  request.memoryBytes = limits::kPluginHostBytes;
  request.processes = limits::kPluginHostProcesses;
  request.cpus = 1;
  request.isolation.network = request.isolation.privileges = false;
  FileAccess files{.rest = FileAccess::Rest::ReadOnly, .hidden = {}, .read = setting_.readable, .write = {}};
  files.read.push_back(setting_.program);  // may be links, all of these
  if (!sealed) files.read.insert(files.read.end(), {library.parent(), library});
  request.isolation.files = std::move(files);
  if (setting_.user) {
    TENON_TRY(request.isolation.user, setting_.user());
  }
  // A user who may not enter where the packages are would find none of their files: told by spawning, and refused below.
  if (request.isolation.user && !setting_.readable.empty()) request.cwd = setting_.readable.front();
  SpawnedProcess spawned;
  TENON_TRY(const ChannelId channel, channels_.open(request, sealed ? sealed->handle() : 0, spawned));
  if (request.isolation.user && spawned.user != request.isolation.user) {
    channels_.close(channel);  // before its library is loaded
    return Error(ErrorCode::ResourceMissing, "no user of its own for a plugin: " + joined(spawned.lacks))
        .withHint("keep tenon, and the plugin, where every user may enter");
  }
  for (const auto& lack : spawned.lacks) log_.warning("plugin host of " + library.name() + ": " + lack);
  if (!setting_.noUser.empty()) log_.warning("plugin host of " + library.name() + ": " + setting_.noUser);
  return channel;
}

PluginHost::PluginHost(PluginHost&& other) noexcept
    : channels_(other.channels_), channel_(std::exchange(other.channel_, 0)), entry_(other.entry_) {}

PluginHost::~PluginHost() {
  if (channel_ != 0) channels_.close(channel_);
}

Result<std::string> PluginHost::ask(wire::Kind kind, std::string_view bytes, Millis most) const {
  std::string message;
  wire::put(message, kind, wire::kVersion, bytes);
  return channels_.exchange(channel_, message, most);
}

Result<PluginHost> PluginHost::start(const PluginHosts& hosts, const Path& library, const SealedLibrary* sealed) {
  TENON_TRY(const ChannelId channel, hosts.open(library, sealed));
  PluginHost host(hosts.channels(), channel);
  const auto answer = host.ask(wire::Kind::Load, (sealed ? sealed->loadedBy() : library).text(), limits::kPluginLoadTime);
  if (!answer) {
    return Error(ErrorCode::DriverCrashed, library.name() + " could not be loaded: " + answer.error().message());
  }
  std::string_view rest = *answer;
  const auto part = wire::take(rest);
  if (part && part->kind == wire::Kind::Failed) {
    return Error(ErrorCode::DriverIncompatible, library.name() + " could not be loaded: " + std::string(part->bytes));
  }
  const bool loaded = part && part->kind == wire::Kind::Loaded && part->code == wire::kVersion;
  const auto entry = loaded ? wire::Entry::of(part->bytes) : std::nullopt;
  if (!entry) {
    return Error(ErrorCode::Internal, "tenon-plugin-host and tenon are of different builds").withHint("install tenon again");
  }
  host.entry_ = entryOf(*entry);
  return host;
}

}  // namespace tenon::host
