#include "host/http/wire/Outgoing.h"

#include "host/base/Limits.h"

namespace tenon::host {
namespace {

constexpr std::uint64_t kTurnBytes = 4 * limits::MiB;

}  // namespace

Outgoing& Outgoing::operator=(Outgoing&& other) noexcept {
  text_ = std::move(other.text_);
  sent_ = other.sent_;
  file_.reset();
  if (other.file_) file_.emplace(*std::move(other.file_));
  return *this;
}

Result<Outgoing::Step> Outgoing::send(Socket& socket) {
  while (sent_ < text_.size()) {
    TENON_TRY(const auto taken, socket.sendNow(std::string_view(text_).substr(sent_)));
    if (!taken) return Step::Blocked;
    sent_ += *taken;
  }
  if (!file_ || file_->sent()) return Step::Done;
  TENON_TRY(const bool room, file_->send(socket, kTurnBytes));
  if (file_->sent()) return Step::Done;
  return room ? Step::More : Step::Blocked;
}

}  // namespace tenon::host
