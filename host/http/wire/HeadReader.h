// Reads from a connection to the end of a message's head, under a limit and a deadline.
#pragma once

#include <string>

#include "host/base/Clock.h"
#include "host/base/Result.h"
#include "host/http/wire/Sockets.h"

namespace tenon::host {

// The head's text with its last, empty line. `buffer`: what was read before, and afterwards what follows the head. Errors:
// network-slow at `end`; network-protocol where the head is too long or the connection ends.
Result<std::string> readHead(Socket& socket, std::string& buffer, const Clock& clock, Instant end);

}  // namespace tenon::host
