// bench_poco ZIP FOLDER: unpacks by Poco::Zip::Decompress into a folder that is not there yet.
#include <Poco/File.h>
#include <Poco/Zip/Decompress.h>

#include <cstdio>
#include <fstream>

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: bench_poco ZIP FOLDER\n");
    return 2;
  }
  try {
    Poco::File(words[2]).createDirectories();
    std::ifstream zip(words[1], std::ios::binary);
    Poco::Zip::Decompress(zip, Poco::Path(words[2]).makeDirectory()).decompressAllFiles();
  } catch (const Poco::Exception& error) {
    std::fprintf(stderr, "bench_poco: %s\n", error.displayText().c_str());
    return 1;
  }
}
