#include "tests/plugins/PluginLibrary.h"

#include <Poco/SharedLibrary.h>

#include <stdexcept>

namespace tenon::host {

namespace {

std::string copy(tenon_str text) { return text.len ? std::string(text.ptr, text.len) : std::string(); }

std::int32_t takeDocument(void* ctx, tenon_str json) {
  auto& answer = *static_cast<PluginAnswer*>(ctx);
  ++answer.documents;
  answer.document = copy(json);
  return 0;
}

void takeProblem(void* ctx, std::int32_t, tenon_str json) {
  auto& answer = *static_cast<PluginAnswer*>(ctx);
  ++answer.problems;
  answer.problem = copy(json);
}

}  // namespace

PluginLibrary::PluginLibrary(const std::string& driver) {
  Poco::SharedLibrary library;  // its destructor leaves the library loaded
  library.load(std::string(TENON_PLUGINS) + "/" + driver + Poco::SharedLibrary::suffix(), Poco::SharedLibrary::SHLIB_LOCAL);
  entry_ = static_cast<const tenon_entry*>(library.getSymbol("tenon_plugin_v1"));
  if (entry_->magic != TENON_ENTRY_MAGIC || entry_->open(nullptr, &self_) != TENON_OK) throw std::runtime_error(driver);
  driver_ = static_cast<const tenon_driver*>(entry_->extension(self_, TENON_EXT_DRIVER));
  if (!driver_) throw std::runtime_error(driver);
}

PluginLibrary::~PluginLibrary() { entry_->close(self_); }

PluginAnswer collected(const std::function<std::int32_t(const tenon_sink*)>& call) {
  PluginAnswer answer;
  const tenon_sink sink{sizeof(tenon_sink), 0, &answer, &takeDocument, &takeProblem};
  answer.code = call(&sink);
  return answer;
}

PluginAnswer PluginLibrary::call(tenon_op op, const std::string& request) const {
  return collected([&](const tenon_sink* sink) { return op(self_, {request.data(), request.size()}, sink); });
}

}  // namespace tenon::host
