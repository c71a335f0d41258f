#include <algorithm>
#include <set>

#include "host/http/RouterDispatch.h"

namespace tenon::host {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (path.size() > 1) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

bool isParameter(const std::string& part) { return part.size() > 2 && part.front() == '{' && part.back() == '}'; }

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& a, const std::string& b) { return isParameter(a) || a == b; });
}

// Of two patterns that match one path: the one whose first difference is an exact part.
bool isMoreExact(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (isParameter(a[i]) != isParameter(b[i])) return isParameter(b[i]);
  }
  return false;
}

bool answers(const std::string& routeMethod, std::string_view method) {
  return routeMethod == method || (method == "HEAD" && routeMethod == "GET");
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, HttpHandler handler) {
  routes_.push_back({std::string(method), std::string(pattern), split(pattern), std::move(handler)});
}

RouterDispatch::Match RouterDispatch::find(std::string_view method, std::string_view path) const {
  const auto parts = split(path);
  const Router::Route* best = nullptr;
  std::set<std::string> allowed;
  for (const auto& route : router_.routes_) {
    if (!matches(route.parts, parts)) continue;
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    if (answers(route.method, method) && (best == nullptr || isMoreExact(route.parts, best->parts))) best = &route;
  }
  Match match;
  for (const auto& each : allowed) match.allow += (match.allow.empty() ? "" : ", ") + each;
  if (best == nullptr) return match;
  match.handler = &best->handler;
  match.pattern = best->pattern;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = best->parts[i];
    if (isParameter(part)) match.parameters[part.substr(1, part.size() - 2)] = parts[i];
  }
  return match;
}

std::vector<std::string> RouterDispatch::routes() const {
  std::vector<std::string> all;
  for (const auto& route : router_.routes_) all.push_back(route.method + " " + route.pattern);
  return all;
}

Result<void> RouterDispatch::guard(const HttpRequest& request) const {
  if (!router_.guard_) return {};
  return router_.guard_(request);
}

}  // namespace tenon::host
