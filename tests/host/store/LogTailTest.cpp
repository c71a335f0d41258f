#include "host/store/LogTail.h"

#include <gtest/gtest.h>

#include "tests/support/MachineFiles.h"
#include "tests/support/TempFolder.h"

namespace tenon::host {
namespace {

constexpr std::uint64_t kPlenty = 1 << 20;

class LogTailTest : public testing::Test {
 protected:
  LogPiece last(std::string_view log, std::uint64_t lines, std::uint64_t most = kPlenty) {
    folder_.write("log", std::string(log));
    return readLastLines(ReadFile::open(*disk_, folder_ / "log").value(), lines, most).value();
  }
  LogPiece from(std::string_view log, std::uint64_t offset, std::uint64_t most = kPlenty) {
    folder_.write("log", std::string(log));
    return readLogFrom(ReadFile::open(*disk_, folder_ / "log").value(), offset, most).value();
  }

 private:
  TempFolder folder_;
  MachineFiles disk_;
};

TEST_F(LogTailTest, GivesTheLastLinesWhole) {
  EXPECT_EQ(last("a\nb\nc\n", 2).bytes, "b\nc\n");
  EXPECT_EQ(last("a\nb\nc\n", 3).bytes, "a\nb\nc\n");
  EXPECT_EQ(last("a\nb\nc\n", 9).bytes, "a\nb\nc\n");
}

TEST_F(LogTailTest, CountsALastLineThatHasNoEndYet) { EXPECT_EQ(last("a\nb\nc", 2).bytes, "b\nc"); }

TEST_F(LogTailTest, KeepsEmptyLinesAndBytesThatAreNoText) {
  EXPECT_EQ(last("a\n\n\n", 2).bytes, "\n\n");
  EXPECT_EQ(last(std::string_view("a\n\0\xff\n", 5), 1).bytes, std::string("\0\xff\n", 3));
}

TEST_F(LogTailTest, AnEmptyLogIsAnEmptyPiece) { EXPECT_EQ(last("", 5).bytes, ""); }

TEST_F(LogTailTest, ReadsNoMoreThanItMay) {
  EXPECT_EQ(last("abcdef", 5, 4).bytes, "cdef");
  const auto piece = from("abcdef", 1, 3);
  EXPECT_EQ(piece.bytes, "bcd");
  EXPECT_EQ(piece.next, 4u);
}

TEST_F(LogTailTest, TheNextPieceBeginsWhereThisOneEnds) {
  EXPECT_EQ(last("a\nb\n", 1).next, 4u);
  EXPECT_EQ(from("abcdef", 6).bytes, "");
  EXPECT_EQ(from("abcdef", 6).next, 6u);
}

TEST_F(LogTailTest, ALogThatWasCutIsReadFromItsBeginning) { EXPECT_EQ(from("abc", 100).bytes, "abc"); }

}  // namespace
}  // namespace tenon::host
