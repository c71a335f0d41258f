// One plugin, served message by message.
#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "host/plugin_host/Door.h"
#include "host/plugin_host/DriverTable.h"
#include "host/plugin_host/Message.h"
#include "tenon/json.hpp"
#include "tenon/plugin.h"

namespace tenon::host {

namespace {

using wire::Kind;

constexpr std::size_t kLogBytes = 4096, kLogLines = 50;  // of one call; what is more is lost

std::string_view view(tenon_str text) {
  return text.ptr ? std::string_view(text.ptr, static_cast<std::size_t>(text.len)) : std::string_view();
}

// One byte past the limit is enough for the other end to see that it is too much.
std::string_view cut(tenon_str text) { return view(text).substr(0, TENON_DOCUMENT_MAX_BYTES + 1); }

// What the plugin says while it is called. It may log from any thread, at any time.
class Answer {
 public:
  explicit Answer(std::mutex& mutex) : mutex_(mutex) {}
  const tenon_sink* sink() const { return &sink_; }
  // With the mutex held.
  void log(std::int32_t level, tenon_str text) {
    if (++lines_ <= kLogLines) wire::put(message_, Kind::Log, level, view(text).substr(0, kLogBytes));
  }
  std::string returned(std::int32_t code) {
    wire::put(message_, Kind::Returned, code, {});
    return std::move(message_);
  }

 private:
  // What is one too many goes along, too: the other end judges as it would of a plugin that is called there.
  static std::int32_t document(void* ctx, tenon_str json) {
    auto& answer = *static_cast<Answer*>(ctx);
    const std::lock_guard lock(answer.mutex_);
    if (++answer.documents_ > kMostOfAKind) return 1;
    wire::put(answer.message_, Kind::Document, 0, cut(json));
    return answer.documents_ > 1 || json.len > TENON_DOCUMENT_MAX_BYTES ? 1 : 0;
  }
  static void problem(void* ctx, std::int32_t code, tenon_str json) {
    auto& answer = *static_cast<Answer*>(ctx);
    const std::lock_guard lock(answer.mutex_);
    if (++answer.problems_ <= kMostOfAKind) wire::put(answer.message_, Kind::Problem, code, cut(json));
  }

  static constexpr std::size_t kMostOfAKind = 2;  // in all less than a message may hold
  std::mutex& mutex_;
  std::string message_;
  std::size_t lines_ = 0, documents_ = 0, problems_ = 0;
  const tenon_sink sink_ = {sizeof(tenon_sink), 0, this, &document, &problem};
};

class LoadedPlugin {
 public:
  std::string load(const std::string& library) {
    std::string answer;
    std::array<char, 512> why = {};
    const void* symbol = tenon_load_symbol(library.c_str(), "tenon_plugin_v1", why.data(), why.size());
    entry_ = static_cast<const tenon_entry*>(symbol);
    if (!entry_) return wire::put(answer, Kind::Failed, 0, why.data()), answer;
    wire::Entry entry;
    entry.magic = entry_->magic;
    if (entry.magic == TENON_ENTRY_MAGIC) {
      entry = {entry_->magic, entry_->struct_size, entry_->abi_major, entry_->abi_minor_built, entry_->abi_minor_min};
      entry.complete = entry_->struct_size >= sizeof(tenon_entry) && entry_->open && entry_->extension && entry_->close;
    }
    wire::put(answer, Kind::Loaded, wire::kVersion, entry.text());
    return answer;
  }

  std::string call(const wire::Part& request) {
    Answer answer(mutex_);
    speak(&answer);
    const std::int32_t code = opened() ? run(request, answer) : tellRefusal(answer);
    speak(nullptr);
    return answer.returned(code);
  }

 private:
  std::int32_t run(const wire::Part& request, const Answer& answer) const {
    const tenon_op operation = request.kind == Kind::Plan ? table_->plan : table_->fingerprint;
    return operation(self_, {request.bytes.data(), request.bytes.size()}, answer.sink());
  }

  // At the first call: by then the other end has seen the numbers and wants it.
  bool opened() {
    if (table_) return true;
    if (!entry_ || !refusal_.empty()) return false;
    if (const std::int32_t code = entry_->open(&host_, &self_); code != TENON_OK) {
      return refuse("driver-crashed", "it does not open: it answered code " + std::to_string(code));
    }
    table_ = driverTableOf(*entry_, self_);
    return table_ || refuse("driver-incompatible", std::string("it ") + kNoDriverTable);
  }

  bool refuse(const std::string& code, const std::string& message) {
    refusal_ = json::Value().set("message", message).set("code", code).text();
    return false;
  }

  std::int32_t tellRefusal(const Answer& answer) const {
    answer.sink()->problem(answer.sink()->ctx, TENON_UNSUPPORTED, {refusal_.data(), refusal_.size()});
    return TENON_UNSUPPORTED;
  }

  void speak(Answer* answer) {
    const std::lock_guard lock(mutex_);
    speaking_ = answer;
  }

  // Between calls nobody listens, and what is said is lost.
  static void log(void* ctx, std::int32_t level, tenon_str text) {
    auto& plugin = *static_cast<LoadedPlugin*>(ctx);
    const std::lock_guard lock(plugin.mutex_);
    if (plugin.speaking_) plugin.speaking_->log(level, text);
  }

  const tenon_entry* entry_ = nullptr;
  const tenon_driver* table_ = nullptr;
  void* self_ = nullptr;
  std::string refusal_;  // the problem that every call ends with; empty: none
  std::mutex mutex_;     // of speaking_, and its lines
  Answer* speaking_ = nullptr;
  const tenon_host host_ = {sizeof(tenon_host), TENON_ABI_MAJOR, TENON_ABI_MINOR, this, &log};
};

bool readMessage(std::string& message) {
  std::array<char, 4> length;
  if (!tenon_channel_read(length.data(), length.size())) return false;
  message.resize(std::min<std::size_t>(wire::numberAt({length.data(), length.size()}, 0), TENON_MESSAGE_MAX_BYTES));
  return tenon_channel_read(message.data(), message.size());
}

bool writeMessage(const std::string& message) {
  std::string whole;
  wire::putNumber(whole, static_cast<std::uint32_t>(message.size()));
  whole += message;
  return tenon_channel_write(whole.data(), whole.size());
}

}  // namespace

}  // namespace tenon::host

extern "C" int tenon_plugin_host() {
  using namespace tenon::host;
  constexpr int kMisused = 64;
  LoadedPlugin plugin;
  for (std::string message; readMessage(message);) {
    std::string_view rest = message;
    const auto request = wire::take(rest);
    if (!request || request->code != wire::kVersion) return kMisused;
    const bool load = request->kind == Kind::Load;
    if (!writeMessage(load ? plugin.load(std::string(request->bytes)) : plugin.call(*request))) break;
  }
  return 0;
}
