// How the way to contain is chosen, on the texts and folders of machines that this one is not.
#include <gtest/gtest.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "platform/linux/process/CgroupMounts.h"
#include "platform/linux/process/Containment.h"
#include "tests/support/TempFolder.h"

namespace tenon::platform {

namespace {

using host::TempFolder;

constexpr std::string_view kV2Mount =
    "24 22 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 "
    "rw,nsdelegate,memory_recursiveprot\n";

Hierarchy v2At(const TempFolder& folder, const std::string& own) {
  Hierarchy hierarchy;
  hierarchy.v2 = true;
  hierarchy.mount = folder.text();
  hierarchy.own = folder.text() + own;
  return hierarchy;
}

}  // namespace

TEST(CgroupMounts, FindsTheOwnGroupOfCgroupV2) {
  const auto all = parseHierarchies(kV2Mount, "0::/system.slice/tenon.service\n");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].v2);
  EXPECT_EQ(all[0].mount, "/sys/fs/cgroup");
  EXPECT_EQ(all[0].own, "/sys/fs/cgroup/system.slice/tenon.service");
}

TEST(CgroupMounts, FindsEachHierarchyOfV1ByItsControllers) {
  const auto all = parseHierarchies(
      "30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "32 25 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
      "33 25 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
      "34 25 0:30 / /home rw - ext4 /dev/sda rw\n",
      "5:memory:/user.slice\n4:cpu,cpuacct:/\n1:name=systemd:/init.scope\n0::/init.scope\n");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].own, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(all[1].own, "/sys/fs/cgroup/memory/user.slice");
  EXPECT_EQ(all[2].own, "/sys/fs/cgroup/systemd/init.scope");
  EXPECT_EQ(all[3].own, "/sys/fs/cgroup/unified/init.scope");
  EXPECT_TRUE(all[3].v2);
}

TEST(CgroupMounts, SeesAContainersPartOfTheHierarchy) {
  const auto all = parseHierarchies("40 35 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                                    "9:memory:/docker/abc\n");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].own, "/sys/fs/cgroup/memory");
}

TEST(CgroupMounts, ReadsNothingOutOfNonsense) {
  EXPECT_TRUE(parseHierarchies("", "").empty());
  EXPECT_TRUE(parseHierarchies("- - -\ncgroup\n", "a\n::\n").empty());
  EXPECT_TRUE(parseHierarchies(kV2Mount, "").empty());
}

TEST(ContainmentWays, CgroupV2WithItsControllersIsBest) {
  const TempFolder folder;
  folder.write("cgroup.procs", "");
  folder.write("cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
  folder.write("cgroup.subtree_control", "cpu memory pids\n");
  const auto ways = findContainmentWays({v2At(folder, "")});
  ASSERT_EQ(ways.size(), 2u);
  EXPECT_EQ(ways[0].kind, "cgroup-v2");
  EXPECT_EQ(ways[0].why, "");
  EXPECT_EQ(ways[0].primary, folder.text());
  EXPECT_FALSE(ways[0].leave);
  EXPECT_EQ(ways[1].kind, "process-group");
}

TEST(ContainmentWays, AnAgentInAGroupThatSharesNoControllersMustLeaveItFirst) {
  const TempFolder folder;
  folder.write("cgroup.procs", "");
  folder.write("cgroup.type", "domain\n");  // no root of the machine, but of a container
  folder.write("cgroup.controllers", "cpu memory pids\n");
  folder.write("cgroup.subtree_control", "");
  const auto ways = findContainmentWays({v2At(folder, "")});
  EXPECT_EQ(ways[0].kind, "cgroup-v2");
  EXPECT_TRUE(ways[0].leave);
}

TEST(ContainmentWays, AnAgentThatHasLeftFindsTheGroupAboveAgain) {
  const TempFolder folder;
  folder.write("cgroup.procs", "");
  folder.write("cgroup.type", "domain\n");
  folder.write("cgroup.controllers", "cpu memory pids\n");
  folder.write("cgroup.subtree_control", "cpu memory pids\n");
  folder.write("agent/cgroup.procs", "");
  const auto ways = findContainmentWays({v2At(folder, "/agent")});
  EXPECT_EQ(ways[0].kind, "cgroup-v2");
  EXPECT_EQ(ways[0].primary, folder.text());
  EXPECT_FALSE(ways[0].leave);
}

// As tenon-agent.service and tenon-services.service of the Debian package.
TEST(ContainmentWays, AUnitBesideTheAgentsHoldsServicesSoThatTheAgentCanBeStartedAgain) {
  const TempFolder folder;
  for (const std::string unit : {"agent.service", "tenon-services.service"}) {
    folder.write(unit + "/cgroup.procs", "");
    folder.write(unit + "/cgroup.type", "domain\n");
    folder.write(unit + "/cgroup.controllers", "cpu memory pids\n");
    folder.write(unit + "/cgroup.subtree_control", "");
  }
  const std::string holder = folder.text() + "/tenon-services.service";
  const bool mine = ::geteuid() != 0;
  if (!mine) {
    EXPECT_NE(findContainmentWays({v2At(folder, "/agent.service")})[0].primary, holder) << "systemd kept it for itself";
  }
  if (!mine && ::setxattr(holder.c_str(), "trusted.delegate", "1", 1, 0) != 0)
    GTEST_SKIP() << "no such marks can be made here";
  const auto ways = findContainmentWays({v2At(folder, "/agent.service")});
  EXPECT_EQ(ways[0].kind, "cgroup-v2");
  EXPECT_EQ(ways[0].primary, holder);
  EXPECT_FALSE(ways[0].leave) << "the agent is not in it";
}

TEST(ContainmentWays, WithoutControllersV2HoldsTheMembersAndV1TheLimits) {
  const TempFolder unified, memory;
  unified.write("cgroup.procs", "");
  unified.write("cgroup.controllers", "hugetlb\n");
  memory.write("cgroup.procs", "");
  const Hierarchy v1{false, {"memory"}, memory.text(), memory.text()};
  const auto ways = findContainmentWays({v1, v2At(unified, "")});
  EXPECT_EQ(ways[0].kind, "cgroup-v1");
  EXPECT_EQ(ways[0].primary, unified.text());
  EXPECT_TRUE(ways[0].bornInto);
  EXPECT_EQ(ways[0].memory, memory.text());
  EXPECT_EQ(ways[0].pids, "");
  EXPECT_NE(ways[0].why.find("no memory, cpu and pids controllers"), std::string::npos);
}

TEST(ContainmentWays, WithV1AloneTheFreezerHoldsTheMembers) {
  const TempFolder memory, freezer;
  memory.write("cgroup.procs", "");
  freezer.write("cgroup.procs", "");
  const auto ways = findContainmentWays(
      {{false, {"memory"}, memory.text(), memory.text()}, {false, {"freezer"}, freezer.text(), freezer.text()}});
  EXPECT_EQ(ways[0].kind, "cgroup-v1");
  EXPECT_EQ(ways[0].primary, freezer.text());
  EXPECT_FALSE(ways[0].bornInto);
}

TEST(ContainmentWays, WithNothingToWriteThereIsTheProcessGroupAndAReason) {
  const auto ways = findContainmentWays({});
  ASSERT_EQ(ways.size(), 1u);
  EXPECT_EQ(ways[0].kind, "process-group");
  EXPECT_NE(ways[0].why.find("cgroup v2 is not mounted"), std::string::npos);
}

}  // namespace tenon::platform
