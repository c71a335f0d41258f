// service.json, flat form [origin]: what the owner's earlier node ran from a folder. Read as the platform form that means
// the same, which is also what it is converted to.
#pragma once

#include <string>

#include "host/base/Json.h"

namespace tenon::host {

// Has the document the members by which the flat form is known, and none of the platform form's?
bool isFlatForm(const Json& document);

// The same service in the platform form, as text. It names every platform that a flat package could have been made for:
// which one it is, its package says. Its port is fixed, since such a program does not ask its environment for one; where it
// names no health check its port is asked for a connection, and without a port it is enough that it runs. It may take two
// minutes to load. Members that say nothing to a host (type, device, model, enabled, replaces …) are left out.
//
// Error: format-invalid, with the flat document's own path and line, also for members that only the platform form has. What
// is found wrong after that, by the reader of the platform form, is told as of that text.
Result<std::string> platformFormOf(const Json& flat);

}  // namespace tenon::host
