#include "host/contract/service/Expansion.h"

#include "host/contract/release/PackagePath.h"

namespace tenon::host {
namespace {

Error unknownName(std::string_view name, const Names& names) {
  std::string known;
  for (const auto& [each, value] : names) known += (known.empty() ? "" : ", ") + each;
  return Error(ErrorCode::PlanInvalid, "${" + shownName(name) + "} is not a name that expands")
      .withHint("known here: " + (known.empty() ? std::string("none") : known) + "; write $${ for a literal ${");
}

}  // namespace

Result<std::string> expand(std::string_view text, const Names& names) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const auto dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return out;
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      out += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const auto end = text.find('}');
      if (end == std::string_view::npos) {
        return Error(ErrorCode::PlanInvalid, "\"" + shownName(text) + "\" has no closing brace")
            .withHint("write ${NAME}, or $${ for a literal ${");
      }
      const auto name = text.substr(2, end - 2);
      const auto found = names.find(name);
      if (found == names.end()) return unknownName(name, names);
      out += found->second;
      text.remove_prefix(end + 1);
    } else {
      out += '$';
      text.remove_prefix(1);
    }
  }
}

}  // namespace tenon::host
