// What the document says of the API, beside the routes. What they answer: tests/docs/openapi.
#include "host/api/OpenApi.h"

#include <Poco/String.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>

#include "host/api/AgentApi.h"
#include "host/base/Json.h"
#include "host/http/RouterDispatch.h"

namespace tenon::host {
namespace {

// Room for what the routes keep a reference to, and nobody calls.
template <class T>
T& untouched() {
  alignas(T) static std::array<std::byte, sizeof(T)> room;
  return *reinterpret_cast<T*>(room.data());
}

std::vector<std::string> routesOfTheAgent() {
  AgentApi api({untouched<LifeCollaborators>(),
                untouched<PackageLife>(),
                untouched<ServiceLife>(),
                untouched<ChangeBook>(),
                untouched<NodePlugins>(),
                untouched<WorkerPool>(),
                untouched<AgentFacts>(),
                "",
                {},
                {},
                {}});
  const Router router = api.routes();
  return RouterDispatch(router).routes();
}

TEST(OpenApi, HasEveryRouteAndNoOther) {
  const auto document = Json::parse(kOpenApi).value();
  std::vector<std::string> described;
  const auto paths = document.member("paths").value().members().value();
  for (const auto& [path, operations] : paths) {
    const auto methods = operations.members().value();
    for (const auto& [method, operation] : methods) described.push_back(Poco::toUpper(method) + " " + path);
  }
  EXPECT_THAT(described, testing::UnorderedElementsAreArray(routesOfTheAgent()));
}

}  // namespace
}  // namespace tenon::host
