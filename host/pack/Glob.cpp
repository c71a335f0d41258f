#include "host/pack/Glob.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "host/base/Utf8.h"

namespace tenon::host {
namespace {

using Pieces = std::vector<std::string_view>;

Pieces partsOf(std::string_view path) {
  Pieces parts;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::size_t characterAt(std::string_view text, std::size_t at) { return std::max<std::size_t>(utf8Length(text, at), 1); }

Pieces charactersOf(std::string_view text) {
  Pieces characters;
  for (std::size_t at = 0; at < text.size(); at += characters.back().size()) {
    characters.push_back(text.substr(at, characterAt(text, at)));
  }
  return characters;
}

// Characters, and sets with their brackets; a '[' that nothing closes is itself.
Pieces elementsOf(std::string_view pattern) {
  Pieces elements;
  for (std::size_t at = 0; at < pattern.size(); at += elements.back().size()) {
    const auto close = pattern[at] == '[' ? pattern.find(']', at + 2) : pattern.npos;
    elements.push_back(pattern.substr(at, close == pattern.npos ? characterAt(pattern, at) : close + 1 - at));
  }
  return elements;
}

bool setHolds(std::string_view set, std::string_view character) {
  const bool negated = set.starts_with('!');
  const Pieces members = charactersOf(set.substr(negated ? 1 : 0));
  bool found = false;
  // The bytes of UTF-8 sort as the characters do.
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool range = i + 2 < members.size() && members[i + 1] == "-";
    found = found || (range ? members[i] <= character && character <= members[i + 2] : members[i] == character);
    if (range) i += 2;
  }
  return found != negated;
}

bool elementMatches(std::string_view element, std::string_view character) {
  if (element == "?") return true;
  if (element.size() > 1 && element.front() == '[') return setHolds(element.substr(1, element.size() - 2), character);
  return element == character;
}

// `any` in the pattern stands for any number of pieces. Going back to the last one is enough, so the work is at most the
// product of the two lengths.
template <class Matches>
bool sequenceMatches(const Pieces& pattern, const Pieces& pieces, std::string_view any, const Matches& matches) {
  std::size_t p = 0, i = 0, retryPiece = 0;
  std::optional<std::size_t> lastAny;
  while (i < pieces.size()) {
    if (p < pattern.size() && pattern[p] == any) {
      lastAny = p++;
      retryPiece = i;
    } else if (p < pattern.size() && matches(pattern[p], pieces[i])) {
      ++p;
      ++i;
    } else if (lastAny) {
      p = *lastAny + 1;
      i = ++retryPiece;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [&](auto piece) { return piece == any; });
}

bool partMatches(std::string_view pattern, std::string_view part) {
  return sequenceMatches(elementsOf(pattern), charactersOf(part), "*", elementMatches);
}

}  // namespace

bool globMatches(std::string_view pattern, std::string_view path) {
  return sequenceMatches(partsOf(pattern), partsOf(path), "**", partMatches);
}

}  // namespace tenon::host
