// What one call gave, as it came, and whether that keeps the rules of the ABI. The checks compare and judge these; nothing
// is interpreted on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/contract/Digest.h"
#include "tenon/plugin.h"

namespace tenon::host {

struct Answer {
  std::int32_t code = TENON_OK;
  unsigned documents = 0, problems = 0;
  std::string document, problem;  // the first of each

  bool planned() const { return code == TENON_OK && documents == 1; }
  Digest digest() const;      // of all of it
  std::string shown() const;  // for people, cut: `code 1: {"message":...}`
  // A member of the problem, "" where there is none.
  std::string told(std::string_view member) const;

  bool operator==(const Answer&) const = default;
};

// Lent to one call. `refusing`: takes no document, as a host does that does not want one any more.
class AnswerSink {
 public:
  explicit AnswerSink(bool refusing = false);
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;

  const tenon_sink* sink() const { return &sink_; }
  Answer returned(std::int32_t code) {
    answer_.code = code;
    return answer_;
  }

 private:
  static std::int32_t document(void* ctx, tenon_str json);
  static void problem(void* ctx, std::int32_t code, tenon_str json);

  const bool refusing_;
  Answer answer_;
  const tenon_sink sink_;
};

// Which rule of plugin.h the answer breaks, in one line; nothing where it keeps them. `schema`: of its document.
std::optional<std::string> brokenRule(const Answer& answer, std::string_view schema);

}  // namespace tenon::host
