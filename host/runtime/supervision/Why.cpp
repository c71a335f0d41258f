#include "host/runtime/supervision/Why.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

namespace tenon::host {
namespace {

std::string after(const EndContext& context) { return context.life ? " after " + seconds(*context.life) : ""; }

bool startsWithStatus(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, digit) && (text.size() == 3 || text[3] == ' ');
}

int signalNumber(std::string_view name) {
  constexpr std::pair<std::string_view, int> kNumbers[] = {{"HUP", 1},   {"INT", 2},   {"QUIT", 3}, {"KILL", 9},
                                                           {"USR1", 10}, {"USR2", 12}, {"TERM", 15}};
  for (const auto& [each, number] : kNumbers) {
    if (each == name) return number;
  }
  return 0;
}

}  // namespace

std::string seconds(Millis time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000.0);
  return text;
}

std::string describeEnd(const ProcessEnd& end, const EndContext& context) {
  if (end.outOfMemory) {
    const std::string limit = context.memoryMb ? ": limit " + std::to_string(*context.memoryMb) + " MB" : "";
    return "out of memory" + after(context) + limit;
  }
  switch (end.how) {
    case ProcessEnd::How::Exited: {
      const auto meaning = context.meanings.find(end.code);
      return "exit " + std::to_string(end.code) + after(context) +
             (meaning == context.meanings.end() ? "" : ": " + meaning->second);
    }
    case ProcessEnd::How::Signalled:
      return "killed by signal " + std::to_string(end.code) + after(context);
    case ProcessEnd::How::Unknown:
      break;
  }
  return "ended" + after(context) + ", exit status unknown";
}

std::string describeHealth(std::string_view answer, int failures, Millis over) {
  std::string text = "health ";
  if (startsWithStatus(answer)) {
    text += std::string(answer.substr(0, 3)) + " ";
    answer.remove_prefix(std::min<std::size_t>(4, answer.size()));
  }
  text += "\u00d7" + std::to_string(failures);
  if (failures > 1) text += " in " + seconds(over);
  return answer.empty() ? text : text + ": " + std::string(answer);
}

bool endedAsAsked(const ProcessEnd& end, std::string_view stopSignal) {
  const int number = signalNumber(stopSignal);
  if (end.how == ProcessEnd::How::Signalled) return end.code == number;
  return end.how == ProcessEnd::How::Exited &&
         (end.code == 0 || end.code == 143 || (number != 0 && end.code == 128 + number));
}

}  // namespace tenon::host
