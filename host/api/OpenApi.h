// The description of the agent's API, OpenAPI 3.1: host/api/openapi.json, as GET /openapi.json answers it.
#pragma once

#include <string_view>

namespace tenon::host {

extern const std::string_view kOpenApi;

}  // namespace tenon::host
