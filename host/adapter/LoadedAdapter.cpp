#include "host/adapter/LoadedAdapter.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "host/adapter/LoadedChannels.h"
#include "host/adapter/PluginCall.h"
#include "host/base/Json.h"
#include "host/base/Limits.h"

namespace tenon::host {

namespace {

Error incompatible(const std::string& what, const std::string& hint) {
  return Error(ErrorCode::DriverIncompatible, "platform adapter: " + what).withHint(hint);
}

// Says who must upgrade what.
Result<void> checkEntry(const tenon_entry& entry, const tenon_host& host) {
  if (entry.magic != TENON_ENTRY_MAGIC || entry.struct_size < sizeof(tenon_entry)) {
    return incompatible("it is no Tenon plugin", "its entry is not what sdk/include/tenon/plugin.h describes");
  }
  const std::string built = std::to_string(entry.abi_major) + "." + std::to_string(entry.abi_minor_built);
  const std::string ours = std::to_string(host.abi_major) + "." + std::to_string(host.abi_minor);
  if (entry.abi_major != host.abi_major) {
    return incompatible(
        "it was built for ABI " + built + ", and this host speaks " + ours,
        entry.abi_major > host.abi_major ? "upgrade Tenon" : "ask its vendor for a build against the SDK of this host");
  }
  if (entry.abi_minor_min > host.abi_minor) {
    return incompatible("it needs ABI " + std::to_string(entry.abi_major) + "." + std::to_string(entry.abi_minor_min) +
                            ", and this host speaks " + ours,
                        "upgrade Tenon");
  }
  return {};
}

// An adapter that says nothing of it has none.
Result<std::string> whyNot(const std::optional<Json>& isolation, const std::string& what, const std::string& adapter) {
  const std::string none = "the platform adapter " + adapter + " cannot";
  if (!isolation) return none;
  TENON_TRY(const bool can, isolation->booleanOr(what, false));
  if (can) return std::string();
  TENON_TRY(std::string why, isolation->stringOr(what + "_why", ""));
  return why.empty() ? none : why;
}

Result<PlatformFacts> parseFacts(const std::string& document) {
  TENON_TRY(const Json json, Json::parse(document));
  PlatformFacts facts;
  TENON_TRY(const Json name, json.member("name"));
  TENON_TRY(facts.name, name.string());
  TENON_TRY(facts.version, json.stringOr("version", ""));
  TENON_TRY(const Json platforms, json.member("platforms"));
  TENON_TRY(facts.platforms, platforms.strings());
  constexpr std::int64_t kMostCpus = 65536;
  TENON_TRY(const std::int64_t cpus, json.integerOr("cpus", 1, 1, kMostCpus));
  facts.cpus = static_cast<unsigned>(cpus);
  TENON_TRY(const std::int64_t memory, json.integerOr("memory_bytes", 0, 0, std::numeric_limits<std::int64_t>::max()));
  facts.memoryBytes = static_cast<std::uint64_t>(memory);
  TENON_TRY(facts.containment, json.stringOr("containment", ""));
  TENON_TRY(facts.containmentWhy, json.stringOr("containment_why", ""));
  const auto isolation = json.find("isolation");
  TENON_TRY(facts.isolation.userWhy, whyNot(isolation, "user", facts.name));
  if (isolation) {
    TENON_TRY(facts.isolation.userEver, isolation->booleanOr("user_ever", true));
  }
  TENON_TRY(facts.isolation.filesWhy, whyNot(isolation, "files", facts.name));
  TENON_TRY(std::string sockets, json.stringOr("socket_folder", ""));
  facts.socketFolder = Path(std::move(sockets));
  TENON_TRY(std::string state, json.stringOr("state_folder", ""));
  facts.stateFolder = Path(std::move(state));
  TENON_TRY(facts.searchPath, json.stringOr("search_path", ""));
  TENON_TRY(std::string executable, json.stringOr("executable", ""));
  facts.executable = Path(std::move(executable));
  return facts;
}

// RFC 7468: lines of 64 characters.
std::string pemOf(const std::string& base64) {
  constexpr std::size_t kLine = 64;
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kLine) pem += base64.substr(at, kLine) + "\n";
  return pem + "-----END CERTIFICATE-----\n";
}

// A table of which at least `least` bytes are there, which is what its first release had: what an older plugin lacks is
// null.
template <class Table>
std::optional<Table> tableOf(const void* extension, std::size_t least = sizeof(Table)) {
  const auto* table = static_cast<const Table*>(extension);
  if (!table || table->struct_size < least) return std::nullopt;
  Table ours = {};
  std::memcpy(&ours, table, std::min<std::size_t>(table->struct_size, sizeof ours));
  return ours;
}

class LoadedSystemServices final : public SystemServices {
 public:
  LoadedSystemServices(std::string plugin, void* self, const tenon_system_services& table)
      : plugin_(std::move(plugin)), self_(self), table_(table) {}

  Result<void> install(const Service& service) override {
    JsonArray argv;
    for (const auto& argument : service.argv) argv.add(argument);
    JsonObject document;
    document.set("schema", "tenon.system-service/1").set("name", service.name).set("title", service.title);
    document.set("description", service.description).set("argv", std::move(argv));
    PluginCall call(plugin_);
    return call.done(table_.install(self_, toPlugin(document.text()), call.sink()));
  }

  Result<void> remove(std::string_view name) override {
    PluginCall call(plugin_);
    return call.done(table_.remove(self_, toPlugin(name), call.sink()));
  }

 private:
  std::string plugin_;
  void* self_;
  const tenon_system_services table_;
};

constexpr const char* kNameless = "platform adapter";  // until it has described itself

}  // namespace

class LoadedAdapter::Opened {
 public:
  explicit Opened(const tenon_entry& entry) : entry_(&entry) {}
  Opened(Opened&& other) noexcept
      : entry_(other.entry_),
        self(std::exchange(other.self, nullptr)),
        platform(other.platform),
        files(other.files),
        services(other.services),
        channels(other.channels) {}
  Opened& operator=(Opened&&) = delete;
  ~Opened() {
    if (self) entry_->close(self);
  }

  Result<void> open(const tenon_host& host) {
    if (const std::int32_t code = entry_->open(&host, &self); code != TENON_OK || !self) {
      self = nullptr;
      return Error(ErrorCode::Internal, "platform adapter: it could not be opened (code " + std::to_string(code) + ")");
    }
    platform = tableOf<tenon_platform>(entry_->extension(self, TENON_EXT_PLATFORM), offsetof(tenon_platform, kill_unknown));
    files = tableOf<tenon_files>(entry_->extension(self, TENON_EXT_FILES), offsetof(tenon_files, empty_front));
    services = tableOf<tenon_system_services>(entry_->extension(self, TENON_EXT_SYSTEM_SERVICES));
    channels = tableOf<tenon_channels>(entry_->extension(self, TENON_EXT_CHANNELS));
    if (platform && files) return {};
    return incompatible(std::string("it does not offer ") + (platform ? TENON_EXT_FILES : TENON_EXT_PLATFORM),
                        "this plugin is no platform adapter, or is older than this host: ask its vendor for a newer build");
  }

  // Set once open() has succeeded.
  const tenon_entry* entry_;
  void* self = nullptr;
  std::optional<tenon_platform> platform;
  std::optional<tenon_files> files;
  std::optional<tenon_system_services> services;  // not everywhere
  std::optional<tenon_channels> channels;         // likewise
};

LoadedAdapter::LoadedAdapter(Opened opened, PlatformFacts facts)
    : opened_(std::make_unique<Opened>(std::move(opened))),
      facts_(std::move(facts)),
      files_("plugin " + facts_.name, opened_->self, *opened_->files),
      processes_("plugin " + facts_.name, opened_->self, *opened_->platform) {
  const std::string plugin = "plugin " + facts_.name;
  if (opened_->services) services_ = std::make_unique<LoadedSystemServices>(plugin, opened_->self, *opened_->services);
  if (opened_->channels) channels_ = std::make_unique<LoadedChannels>(plugin, opened_->self, *opened_->channels);
}

LoadedAdapter::~LoadedAdapter() = default;

int LoadedAdapter::terminalColumns(int stream) { return opened_->platform->terminal_columns(opened_->self, stream); }

Result<std::vector<std::string>> LoadedAdapter::authorities() {
  std::vector<std::string> certificates;
  if (!opened_->platform->authorities) return certificates;
  PluginCall call("plugin " + facts_.name);
  TENON_TRY(const auto text, call.document(opened_->platform->authorities(opened_->self, call.sink())));
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kPluginDocumentBytes}));
  TENON_TRY(const auto list, document.member("certificates"));
  TENON_TRY(const auto all, list.strings());
  for (const auto& each : all) certificates.push_back(pemOf(each));
  return certificates;
}

Result<OwnState> LoadedAdapter::ownState() {
  if (!opened_->platform->own_state) return PlatformAdapter::ownState();
  PluginCall call("plugin " + facts_.name);
  TENON_TRY(const auto text, call.document(opened_->platform->own_state(opened_->self, call.sink())));
  TENON_TRY(const auto document, Json::parse(text, {.bytes = limits::kPluginDocumentBytes}));
  OwnState state;
  TENON_TRY(state.threads, document.stringsOr("threads", {}));
  TENON_TRY(state.descriptors, document.stringsOr("descriptors", {}));
  TENON_TRY(state.handlers, document.stringsOr("handlers", {}));
  TENON_TRY(state.environment, document.stringsOr("environment", {}));
  return state;
}

void LoadedAdapter::holdTermination() { opened_->platform->hold_termination(opened_->self); }

bool LoadedAdapter::canBecome() const { return opened_->platform->become != nullptr; }

Result<void> LoadedAdapter::become(const std::vector<std::string>& argv) {
  if (!canBecome()) {
    return Error(ErrorCode::PlatformUnsupported, "plugin " + facts_.name + ": a process cannot become another program here")
        .withHint("end the agent and start it anew: services run on");
  }
  const std::string document = JsonObject().set("schema", "tenon.become/1").set("argv", argv).text();
  PluginCall call("plugin " + facts_.name);
  return call.done(opened_->platform->become(opened_->self, toPlugin(document), call.sink()));
}

Result<std::unique_ptr<PlatformAdapter>> LoadedAdapter::open(const tenon_entry& entry, const tenon_host& host) {
  TENON_CHECK(checkEntry(entry, host));
  Opened opened(entry);
  TENON_CHECK(opened.open(host));
  PluginCall call(kNameless);
  constexpr std::string_view kRequest = R"({"schema":"tenon.describe-request/1"})";
  TENON_TRY(const std::string document,
            call.document(opened.platform->describe(opened.self, toPlugin(kRequest), call.sink())));
  TENON_TRY(auto facts, withContext("what the platform adapter says of its machine", parseFacts(document)));
  return std::unique_ptr<PlatformAdapter>(new LoadedAdapter(std::move(opened), std::move(facts)));
}

Result<std::unique_ptr<PlatformAdapter>> openPlatformAdapter(const tenon_entry& entry, const tenon_host& host) {
  return LoadedAdapter::open(entry, host);
}

}  // namespace tenon::host
