// What a failed trial leaves behind for people: changes/<n>.evidence/ with the last lines that it logged, its health
// answers, and what differs from the release that serves.
#pragma once

#include "host/lifecycle/Life.h"

namespace tenon::host {

// Never fails a change: what cannot be written is left out, and the event log says so. Answers the folder's name.
std::string collectEvidence(const LifeCollaborators& with, std::uint64_t change, const InstanceSpec& failed,
                            const TrialReport& report, const std::optional<InstanceSpec>& serving);

}  // namespace tenon::host
