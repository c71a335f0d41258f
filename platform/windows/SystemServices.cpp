// tenon.system-services/1 over the service control manager (learn.microsoft.com, "Service Control Manager"). Any thread.
#include <array>

#include "platform/windows/Adapter.h"
#include "platform/windows/Wide.h"
#include "platform/windows/process/CommandLine.h"
#include "platform/windows/process/RequestFields.h"

namespace tenon::platform {

namespace {

constexpr DWORD kStateTimeoutMs = 30000;
constexpr DWORD kLookAgainMs = 100;
// After a failure: at once, then after a while; the count begins anew after a day without one.
constexpr DWORD kFirstDelayMs = 1000, kNextDelayMs = 10000, kForgetAfterSeconds = 86400;

// What OpenSCManager, CreateService and OpenService give.
class ServiceHandle {
 public:
  explicit ServiceHandle(SC_HANDLE value) : value_(value) {}
  ServiceHandle(const ServiceHandle&) = delete;
  ServiceHandle& operator=(const ServiceHandle&) = delete;
  ~ServiceHandle() {
    if (value_) ::CloseServiceHandle(value_);
  }
  SC_HANDLE get() const { return value_; }
  explicit operator bool() const { return value_ != nullptr; }

 private:
  SC_HANDLE value_;
};

Fault serviceFault(const std::string& doing, DWORD error) {
  Fault fault = osFault(doing, error);
  if (error == ERROR_SERVICE_EXISTS || error == ERROR_DUPLICATE_SERVICE_NAME) fault.name = "already-exists";
  if (error == ERROR_SERVICE_DOES_NOT_EXIST) fault.name = "not-found";
  if (error == ERROR_ACCESS_DENIED)
    fault.hint = "services are made and removed by an administrator: open the console as one";
  return fault;
}

struct Wanted {
  std::string name;
  std::wstring wideName, title, description, commandLine;
};

Outcome wideMember(const json::Value& document, const std::string& key, std::wstring& into) {
  std::string text;
  if (auto fault = readMember(document, key, text)) return fault;
  const auto wide = toWide(text);
  if (!wide) return invalid(key, key + ": no UTF-8");
  into = *wide;
  return kDone;
}

Outcome readWanted(std::string_view text, Wanted& wanted) {
  const auto parsed = json::parse(text);
  if (!parsed) return invalid("", "system service: " + parsed.error);
  std::string schema;
  if (auto fault = readMember(*parsed, "schema", schema)) return fault;
  if (schema != "tenon.system-service/1") return invalid("schema", "schema: expected tenon.system-service/1");
  if (auto fault = readMember(*parsed, "name", wanted.name)) return fault;
  if (auto fault = wideMember(*parsed, "name", wanted.wideName)) return fault;
  if (auto fault = wideMember(*parsed, "title", wanted.title)) return fault;
  if (parsed->find("description")) {
    if (auto fault = wideMember(*parsed, "description", wanted.description)) return fault;
  }
  std::vector<std::string> argv;
  NativePath program;
  if (auto fault = readArguments(*parsed, argv, program)) return fault;
  return makeCommandLine(withoutPrefix(program.wide), argv, wanted.commandLine);
}

// What is not essential: a manager that refuses it still runs the service.
void describeAndRestart(SC_HANDLE service, Wanted& wanted) {
  SERVICE_DESCRIPTIONW description = {wanted.description.data()};
  ::ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &description);
  std::array<SC_ACTION, 2> actions = {{{SC_ACTION_RESTART, kFirstDelayMs}, {SC_ACTION_RESTART, kNextDelayMs}}};
  SERVICE_FAILURE_ACTIONSW onFailure = {};
  onFailure.dwResetPeriod = kForgetAfterSeconds;
  onFailure.cActions = static_cast<DWORD>(actions.size());
  onFailure.lpsaActions = actions.data();
  ::ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &onFailure);
  // Without this the manager restarts what has crashed, and not an agent that ends with an error and reports its stop.
  SERVICE_FAILURE_ACTIONS_FLAG alsoErrors = {TRUE};
  ::ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &alsoErrors);
}

// True once the service is in `state`; false where the time passes, or it stopped instead.
bool reaches(SC_HANDLE service, DWORD state) {
  for (DWORD waited = 0; waited <= kStateTimeoutMs; waited += kLookAgainMs) {
    SERVICE_STATUS status = {};
    if (!::QueryServiceStatus(service, &status)) return false;
    if (status.dwCurrentState == state) return true;
    if (status.dwCurrentState == SERVICE_STOPPED) return false;
    ::Sleep(kLookAgainMs);
  }
  return false;
}

Outcome startNow(SC_HANDLE service, const std::string& name) {
  if (!::StartServiceW(service, 0, nullptr)) {
    const DWORD error = ::GetLastError();
    ::DeleteService(service);
    return serviceFault("start the service " + name, error);
  }
  if (reaches(service, SERVICE_RUNNING)) return kDone;
  ::DeleteService(service);
  return Fault{TENON_UNAVAILABLE, "the service " + name + " was made, did not run, and was removed again", "spawn-failed",
               "its log file says why; or start the same program by hand"};
}

Outcome installService(std::string_view text) {
  Wanted wanted;
  if (auto fault = readWanted(text, wanted)) return fault;
  const ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CREATE_SERVICE));
  if (!manager) return serviceFault("open the service control manager", ::GetLastError());
  const ServiceHandle service(::CreateServiceW(
      manager.get(), wanted.wideName.c_str(), wanted.title.c_str(), SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS,
      SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, wanted.commandLine.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr));
  if (!service) return serviceFault("make the service " + wanted.name, ::GetLastError());
  describeAndRestart(service.get(), wanted);
  return startNow(service.get(), wanted.name);
}

Outcome removeService(std::string_view text) {
  const std::string name(text);
  const auto wideName = toWide(name);
  if (!wideName) return invalid("name", "name: is no UTF-8");
  const ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
  if (!manager) return serviceFault("open the service control manager", ::GetLastError());
  const ServiceHandle service(
      ::OpenServiceW(manager.get(), wideName->c_str(), SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE));
  if (!service) return serviceFault("find the service " + name, ::GetLastError());
  SERVICE_STATUS status = {};
  if (!::ControlService(service.get(), SERVICE_CONTROL_STOP, &status) && ::GetLastError() != ERROR_SERVICE_NOT_ACTIVE) {
    return serviceFault("stop the service " + name, ::GetLastError());
  }
  if (!reaches(service.get(), SERVICE_STOPPED)) {
    return Fault{TENON_UNAVAILABLE, "the service " + name + " did not end within 30 s", "timeout", "look at its log"};
  }
  if (::DeleteService(service.get())) return kDone;
  return serviceFault("remove the service " + name, ::GetLastError());
}

std::int32_t install(void*, tenon_str service, const tenon_sink* out) {
  return guarded(out, [&] { return installService(view(service)); });
}

std::int32_t remove(void*, tenon_str name, const tenon_sink* out) {
  return guarded(out, [&] { return removeService(view(name)); });
}

}  // namespace

const tenon_system_services& systemServicesTable() {
  static const tenon_system_services table = {sizeof(tenon_system_services), 0, &install, &remove};
  return table;
}

}  // namespace tenon::platform
