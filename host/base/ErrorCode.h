// The closed list of what can go wrong, as people, scripts and the API see it. One row a code: its name, its HTTP status,
// the exit status of the command that failed with it. `tenon explain CODE` has a page for each (docs/errors.md).
#pragma once

#include <optional>
#include <string_view>

namespace tenon::host {

// X(enumerator, "name", HTTP status, exit status)
#define TENON_ERROR_CODES(X)                               \
  X(SignatureInvalid, "signature-invalid", 422, 5)         \
  X(KeyUnknown, "key-unknown", 422, 5)                     \
  X(KeyRevoked, "key-revoked", 422, 5)                     \
  X(KeyRole, "key-role", 422, 5)                           \
  X(ThresholdUnmet, "threshold-unmet", 422, 5)             \
  X(FormatInvalid, "format-invalid", 422, 5)               \
  X(MetadataRollback, "metadata-rollback", 422, 5)         \
  X(MetadataEquivocation, "metadata-equivocation", 422, 5) \
  X(MetadataExpired, "metadata-expired", 422, 5)           \
  X(BindingMismatch, "binding-mismatch", 422, 5)           \
  X(DowngradeRefused, "downgrade-refused", 409, 5)         \
  X(ReleaseRevoked, "release-revoked", 409, 5)             \
  X(ReleaseRefused, "release-refused", 409, 1)             \
  X(PathUnsafe, "path-unsafe", 422, 5)                     \
  X(ArchiveInvalid, "archive-invalid", 422, 5)             \
  X(ArchiveLimit, "archive-limit", 422, 5)                 \
  X(ContentMismatch, "content-mismatch", 422, 5)           \
  X(ContentExtra, "content-extra", 422, 5)                 \
  X(ContentMissing, "content-missing", 422, 5)             \
  X(PlatformUnsupported, "platform-unsupported", 422, 1)   \
  X(DriverMissing, "driver-missing", 422, 1)               \
  X(DriverAmbiguous, "driver-ambiguous", 422, 1)           \
  X(DriverIncompatible, "driver-incompatible", 422, 1)     \
  X(DriverCrashed, "driver-crashed", 502, 1)               \
  X(DriverQuarantined, "driver-quarantined", 503, 1)       \
  X(PlanInvalid, "plan-invalid", 422, 1)                   \
  X(ConformanceFailed, "conformance-failed", 422, 1)       \
  X(NetworkUnreachable, "network-unreachable", 502, 7)     \
  X(NetworkSlow, "network-slow", 504, 7)                   \
  X(NetworkProtocol, "network-protocol", 502, 7)           \
  X(RedirectRefused, "redirect-refused", 502, 7)           \
  X(PreconditionFailed, "precondition-failed", 412, 1)     \
  X(DiskFull, "disk-full", 507, 6)                         \
  X(IoError, "io-error", 500, 1)                           \
  X(Busy, "busy", 409, 10)                                 \
  X(StateCorrupt, "state-corrupt", 500, 1)                 \
  X(NotFound, "not-found", 404, 4)                         \
  X(AlreadyExists, "already-exists", 409, 1)               \
  X(SpawnFailed, "spawn-failed", 500, 1)                   \
  X(PortTaken, "port-taken", 409, 6)                       \
  X(HealthTimeout, "health-timeout", 500, 1)               \
  X(CrashLoop, "crash-loop", 500, 1)                       \
  X(NoGoodRelease, "no-good-release", 500, 1)              \
  X(DependencyUnmet, "dependency-unmet", 409, 1)           \
  X(LimitExceeded, "limit-exceeded", 413, 6)               \
  X(ResourceMissing, "resource-missing", 409, 6)           \
  X(Denied, "denied", 403, 1)                              \
  X(Unauthenticated, "unauthenticated", 401, 1)            \
  X(Cancelled, "cancelled", 409, 1)                        \
  X(Timeout, "timeout", 504, 1)                            \
  X(Usage, "usage", 400, 64)                               \
  X(Internal, "internal", 500, 1)

enum class ErrorCode {
#define TENON_ENUMERATOR(id, name, http, exit) id,
  TENON_ERROR_CODES(TENON_ENUMERATOR)
#undef TENON_ENUMERATOR
};

// The exit status that wins over a code's own where the change was rolled back.
inline constexpr int kExitRolledBack = 3;

std::string_view name(ErrorCode code);
int httpStatus(ErrorCode code);
int exitStatus(ErrorCode code);

// From text that came from outside (a plugin's problem, the agent's answer).
std::optional<ErrorCode> errorCodeNamed(std::string_view name);

}  // namespace tenon::host
