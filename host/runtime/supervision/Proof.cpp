#include "host/runtime/supervision/Proof.h"

#include <algorithm>
#include <utility>

namespace tenon::host {

ProofTicket::~ProofTicket() {
  if (resolved_) return;
  TrialReport report;
  report.error = Error(ErrorCode::Cancelled, "the agent ends");
  resolve(std::move(report));
}

void ProofTicket::resolve(TrialReport report) {
  if (std::exchange(resolved_, true)) return;
  promise_.set_value(std::move(report));
}

void Proof::begin(std::shared_ptr<ProofTicket> ticket, Millis probation, Millis startupGrace,
                  std::function<void()> outOfPatience) {
  probation_ = pending() ? std::max(probation_, probation) : probation;
  if (!pending()) ends_ = 0;
  tickets_.push_back(std::move(ticket));
  startupGrace_ = startupGrace;
  outOfPatience_ = std::move(outOfPatience);
  if (healthySince_) watchPatience();
}

void Proof::watchPatience() {
  if (!patience_.running()) patience_.start(std::max(3 * probation_, startupGrace_), outOfPatience_);
}

bool Proof::answered(ProbeResult answer, std::uint16_t port) {
  const bool healthy = answer.healthy;
  if (keeps_ || pending()) {
    if (probes_.size() == kProbesKept) probes_.erase(probes_.begin());
    probes_.push_back(std::move(answer));
  }
  if (!healthy) {
    healthySince_.reset();
    return false;
  }
  const Instant now = loop_.clock().now();
  if (!healthySince_) healthySince_ = now;
  if (!pending()) return false;
  watchPatience();
  if (now - *healthySince_ < probation_) return false;
  resolve(true, std::nullopt, port);
  return true;
}

void Proof::ended(const Error& error, std::uint16_t port) {
  if (pending() && ++ends_ == kEndsBorne) fail(error, port);
}

void Proof::fail(Error error, std::uint16_t port) {
  healthySince_.reset();
  if (pending()) resolve(false, std::move(error), port);
}

void Proof::resolve(bool proven, std::optional<Error> error, std::uint16_t port) {
  patience_.cancel();
  TrialReport report;
  report.proven = proven;
  if (error) report.error = *std::move(error);
  report.probes = probes_;
  report.port = port;
  for (const auto& ticket : std::exchange(tickets_, {})) ticket->resolve(report);
}

}  // namespace tenon::host
