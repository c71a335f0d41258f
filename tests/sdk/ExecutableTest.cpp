#include "tenon/executable.hpp"

#include <gtest/gtest.h>

#include <string>

#include "host/conformance/requests/ExecutableBytes.h"

namespace tenon {
namespace {

TEST(Executable, ReadsTheMachineFromElfAndPe) {
  EXPECT_EQ(Executable::of(host::elfBytes(62)).machine, "x64");
  EXPECT_EQ(Executable::of(host::elfBytes(183)).machine, "arm64");
  EXPECT_EQ(Executable::of(host::elfBytes(62)).format, Executable::Format::Elf);
  EXPECT_EQ(Executable::of(host::elfBytes(9999)).machine, "machine number 9999");
  EXPECT_EQ(Executable::of(host::peBytes(0x8664)).format, Executable::Format::Pe);
  EXPECT_EQ(Executable::of(host::peBytes(0x8664)).machine, "x64");
  EXPECT_EQ(Executable::of(host::peBytes(0x14C)).machine, "x86");
  EXPECT_EQ(Executable::of(host::peBytes(0xAA64)).machine, "arm64");
  EXPECT_EQ(Executable::of("#!/bin/sh\n").format, Executable::Format::Script);
}

TEST(Executable, TakesNothingElseForAProgram) {
  const std::string elf = host::elfBytes(62), pe = host::peBytes(0x8664);
  for (std::size_t cut = 0; cut < 20; ++cut)
    EXPECT_EQ(Executable::of(elf.substr(0, cut)).format, Executable::Format::Unknown) << cut;
  for (std::size_t cut = 0; cut < 64; ++cut)
    EXPECT_EQ(Executable::of(pe.substr(0, cut)).format, Executable::Format::Unknown) << cut;
  EXPECT_EQ(Executable::of("").format, Executable::Format::Unknown);
  EXPECT_EQ(Executable::read("/no/such/file").format, Executable::Format::Unknown);
}

TEST(Executable, NamesTargetsBestFirst) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(binaryTargets("linux-x64", "gnu"),
            (Names{"x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "linux-x64"}));
  EXPECT_EQ(binaryTargets("linux-arm64", "musl"), (Names{"aarch64-unknown-linux-musl", "linux-arm64"}));
  EXPECT_EQ(binaryTargets("windows-x64", ""), (Names{"x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu", "windows-x64"}));
  EXPECT_EQ(binaryTargets("plan9-mips", ""), Names{"plan9-mips"});
}

}  // namespace
}  // namespace tenon
