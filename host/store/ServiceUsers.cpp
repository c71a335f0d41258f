#include "host/store/ServiceUsers.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

#include "host/adapter/AtomicFile.h"
#include "host/base/Json.h"
#include "host/store/SmallFile.h"

namespace tenon::host {

namespace {

// 0 where it is no user's number, or root's.
std::uint32_t userIn(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? number : 0;
}

Error corrupt(const Path& file, const std::string& what) {
  return Error(ErrorCode::StateCorrupt, file.text() + ": " + what)
      .withHint("bring back a copy of it, or remove it: each service is then given a user anew, and its data with it");
}

Result<std::map<std::string, std::uint32_t>> parseUsers(const std::string& text) {
  TENON_TRY(const auto json, Json::parse(text));
  TENON_TRY(const auto object, json.member("users"));
  TENON_TRY(const auto members, object.members());
  std::map<std::string, std::uint32_t> users;
  std::map<std::uint32_t, std::string> services;
  for (const auto& [service, value] : members) {
    TENON_TRY(const auto number, value.integer(1, std::numeric_limits<std::uint32_t>::max()));
    const auto user = static_cast<std::uint32_t>(number);
    const auto [other, isNew] = services.emplace(user, service);
    if (!isNew) return value.wrong("user " + std::to_string(user) + " is " + other->second + "'s already");
    users.emplace(service, user);
  }
  return users;
}

}  // namespace

Result<UserRange> UserRange::parse(const std::string& text) {
  constexpr std::uint32_t kFirstOfPeople = 1000, kNobody = 65534, kNoUser16 = 65535, kNoUser32 = 0xFFFFFFFF;
  const auto dash = std::min(text.find('-'), text.size());
  const UserRange range{userIn(std::string_view(text).substr(0, dash)),
                        userIn(std::string_view(text).substr(std::min(dash + 1, text.size())))};
  const bool fits = range.first >= kFirstOfPeople && range.first <= range.last && range.last != kNoUser32;
  if (fits && !range.contains(kNobody) && !range.contains(kNoUser16)) return range;
  return Error(ErrorCode::Usage, "service_users: \"" + text + "\" is no range of users for services")
      .withHint("for example 70000-79999");
}

Result<std::uint32_t> ServiceUsers::userOf(const ServiceId& service) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(load());
  const auto known = users_.find(service.text());
  if (known != users_.end() && range_.contains(known->second)) return known->second;
  TENON_TRY(const std::uint32_t user, findFree(service));
  auto users = users_;
  users.insert_or_assign(service.text(), user);
  TENON_CHECK(write(std::move(users)));
  return user;
}

Result<void> ServiceUsers::forget(const ServiceId& service) {
  const std::lock_guard lock(mutex_);
  TENON_CHECK(load());
  auto users = users_;
  if (users.erase(service.text()) == 0) return {};
  return write(std::move(users));
}

Result<void> ServiceUsers::load() {
  if (loaded_) return {};
  TENON_TRY(const auto text, readSmallFile(files_, file_));
  if (text) {
    auto users = parseUsers(*text);
    if (!users) return corrupt(file_, users.error().message());
    users_ = *std::move(users);
  }
  loaded_ = true;
  return {};
}

Result<void> ServiceUsers::write(std::map<std::string, std::uint32_t> users) {
  JsonObject object;
  for (const auto& [service, user] : users) object.set(service, std::int64_t{user});
  TENON_CHECK(writeAtomically(files_, file_, JsonObject().set("users", object).pretty(), true));
  users_ = std::move(users);
  return {};
}

// From a place that follows from root and service: a number that was given back is hardly the next to be given, and two
// agents on one machine hardly meet.
Result<std::uint32_t> ServiceUsers::findFree(const ServiceId& service) const {
  std::set<std::uint32_t> taken;
  for (const auto& [other, user] : users_) taken.insert(user);
  const std::uint64_t count = std::uint64_t{range_.last} - range_.first + 1;
  std::uint64_t at = 0;
  const std::string hash = hash_(seed_ + "\n" + service.text()).hex().substr(0, 15);
  std::from_chars(hash.data(), hash.data() + hash.size(), at, 16);
  for (std::uint64_t tried = 0; tried < count; ++tried, ++at) {
    const auto user = static_cast<std::uint32_t>(range_.first + at % count);
    if (!taken.contains(user)) return user;
  }
  return Error(ErrorCode::LimitExceeded,
               "every user for services is taken: " + std::to_string(range_.first) + "-" + std::to_string(range_.last))
      .withHint("name a wider range with service_users in agent.properties, or remove --purge services that are not needed");
}

}  // namespace tenon::host
