// What an agent or a disk cut short: the journal of a service says what was under way.
#pragma once

#include "host/lifecycle/Life.h"

namespace tenon::host {

// Finishes or undoes it, so that nothing half done is taken for whole by what comes next; nothing where there is no journal.
// The service's lock is held, and nothing else changes it. An error leaves the journal: it is tried again by the next change
// and the next start of the agent.
Result<void> finishUnfinished(const LifeCollaborators& with, ServiceDisk& disk);

// Everything of a service that does not run but its data and logs; with `purge` these, too. A journal says so meanwhile.
Result<void> removeFiles(const LifeCollaborators& with, ServiceDisk& disk, bool purge);

}  // namespace tenon::host
