// What `tenon init` writes: samples/templates, and the schema of service.json, as they were when this program was built.
#pragma once

#include <span>
#include <string_view>

namespace tenon::host {

struct TemplateFile {
  std::string_view runtime;  // "": of every one
  std::string_view path;     // in the new folder
  std::string_view text;     // with ${SERVICE_ID}, ${PLATFORM} and ${EXE} (".exe" or "") to be replaced
};

// Defined by what the build makes of these files.
std::span<const TemplateFile> serviceTemplates();

}  // namespace tenon::host
