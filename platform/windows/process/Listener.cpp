#include "platform/windows/process/Listener.h"

#include <iphlpapi.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace tenon::platform {

namespace {

constexpr int kTableRounds = 8;  // it may grow between two calls

// Wine knows no owners and says 0. System, which is number 4 on every Windows, listens for the programs that serve by
// http.sys (HttpListener of .NET, IIS): whose port it is, it does not tell.
bool isTold(DWORD owner) {
  constexpr DWORD kUnknown = 0, kSystem = 4;
  return owner != kUnknown && owner != kSystem;
}

std::vector<std::byte> listenersOf(ULONG family) {
  DWORD bytes = 0;
  std::vector<std::byte> table;
  for (int round = 0; round < kTableRounds; ++round) {
    const DWORD error = ::GetExtendedTcpTable(table.empty() ? nullptr : table.data(), &bytes, FALSE, family,
                                              TCP_TABLE_OWNER_PID_LISTENER, 0);
    if (error == NO_ERROR && !table.empty()) return table;
    if (error != NO_ERROR && error != ERROR_INSUFFICIENT_BUFFER) return {};
    table.resize(bytes + 4096u);
    bytes = static_cast<DWORD>(table.size());
  }
  return {};
}

// Row by row, as the first `dwNumEntries` of `table`.
template <class Table>
void collectOwners(ULONG family, std::uint16_t port, std::set<DWORD>& owners) {
  const auto buffer = listenersOf(family);
  if (buffer.size() < sizeof(Table)) return;
  const auto* table = reinterpret_cast<const Table*>(buffer.data());
  std::for_each_n(&table->table[0], table->dwNumEntries, [&](const auto& row) {
    const auto local = static_cast<std::uint16_t>(((row.dwLocalPort & 0xFF) << 8) | ((row.dwLocalPort >> 8) & 0xFF));
    if (local == port && isTold(row.dwOwningPid)) owners.insert(row.dwOwningPid);
  });
}

}  // namespace

int ownsListener(const Group& group, std::uint16_t port) {
  std::set<DWORD> owners;
  constexpr ULONG kIPv4 = 2, kIPv6 = 23;  // AF_INET, AF_INET6
  collectOwners<MIB_TCPTABLE_OWNER_PID>(kIPv4, port, owners);
  collectOwners<MIB_TCP6TABLE_OWNER_PID>(kIPv6, port, owners);
  if (owners.empty()) return -1;
  const auto pids = group.processes();
  return std::any_of(pids.begin(), pids.end(), [&](DWORD pid) { return owners.contains(pid); }) ? 1 : 0;
}

}  // namespace tenon::platform
