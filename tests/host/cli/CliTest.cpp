#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "host/cli/CommandLine.h"
#include "host/cli/Printing.h"
#include "host/cli/help/ErrorPages.h"

namespace tenon::host {

TEST(CommandLine, MeansTheNearestWord) {
  const std::vector<std::string> verbs = {"install", "upgrade", "status", "start", "stop"};
  EXPECT_EQ(nearest("instal", verbs), "install");
  EXPECT_EQ(nearest("upgarde", verbs), "upgrade");
  EXPECT_EQ(nearest("stat", verbs), "start");
  EXPECT_EQ(nearest("quux", verbs), "");
  EXPECT_EQ(nearest("", verbs), "");
}

TEST(Printing, WritesSizesAsDisksAreSold) {
  EXPECT_EQ(formatBytes(0), "0 B");
  EXPECT_EQ(formatBytes(999), "999 B");
  EXPECT_EQ(formatBytes(1500), "1.5 kB");
  EXPECT_EQ(formatBytes(212'000'000), "212 MB");
  EXPECT_EQ(formatBytes(1'500'000'000), "1.5 GB");
}

TEST(Printing, LinesUpColumnsByWhatIsSeen) {
  std::ostringstream out;
  printTable(out, {"ID", "WHY"}, {{"é", "x"}, {"abc", "y"}});
  EXPECT_EQ(out.str(), "ID   WHY\né    x\nabc  y\n");
}

TEST(ErrorPages, AreWhatTheDocumentSays) {
  std::ifstream file(TENON_SOURCE_DIR "/docs/errors.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), errorPagesAsMarkdown()) << "make it anew: tenon explain all-as-markdown > docs/errors.md";
}

}  // namespace tenon::host
