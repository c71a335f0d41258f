// Whose a folder is, with all that is in it. Stateless; any thread.
#pragma once

#include <sys/types.h>

#include <string>

#include "platform/linux/Fault.h"

namespace tenon::platform {

// Gives a folder and what is in it to a user and its group of the same number, and shuts it to others. The folder itself
// comes last, and one that is the user's and the group's already costs one look. By descriptors, through no link, into no
// mount; devices stay whose they are. A running process may write there meanwhile.
// Errors: "denied" for a file that has names elsewhere, too; "already-exists" where a folder that was never the user's is
// asked for and the number is an account, or some process runs as it.
Outcome handOver(const std::string& folder, uid_t user);

// Somebody else than the folder's user is about to write there: its group becomes this process's own, so that the next
// handOver() goes through all of it. Its user can use it as before.
Outcome markAsOurs(const std::string& folder);

}  // namespace tenon::platform
