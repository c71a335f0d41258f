// What exec.requirements asks for: packages out of the wheels that the release brings, installed into the service's data by
// a prepare step, without a network. One folder for each content: the same wheels are installed once, whatever the version.
#ifndef TENON_PYTHON_WHEELS_H
#define TENON_PYTHON_WHEELS_H

#include <tenon/runtime.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace tenon::python {

// FNV-1a, 64 bits (draft-eastlake-fnv). Tells contents apart that one author made; it guards against nobody, and need not:
// the package is signed, and the folder the service's own.
class Hash {
 public:
  void add(const std::string& bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    value_ = (value_ ^ 0x100) * 0x100000001B3;  // ends a part
  }
  std::string hex() const {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value_ >> shift & 15];
    return text;
  }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325;
};

inline std::string bytesAt(std::ifstream& in, std::uint64_t at, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.clear();
  in.seekg(static_cast<std::streamoff>(at));
  in.read(&bytes[0], static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

// A wheel is a zip file, whose directory at its end has a checksum of every file in it (PKWARE's APPNOTE, 4.3.12
// and 4.3.16): that stands for the content, without reading gigabytes. Of what is no zip file, its end.
inline std::string contentsOf(const std::filesystem::path& wheel) {
  constexpr std::uint64_t kEnd = 22, kMostComment = 65535, kMost = 64 << 20;
  std::ifstream in(wheel, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(in.tellg(), 0));
  const std::string tail = bytesAt(in, size - std::min(size, kEnd + kMostComment), std::min(size, kEnd + kMostComment));
  const auto end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos || end + kEnd > tail.size()) return std::to_string(size) + tail;
  const auto number = [&](std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(tail[end + at + i]);
    return value;
  };
  return std::to_string(size) + bytesAt(in, number(16), std::min(number(12), kMost));
}

inline std::vector<std::string> wheelsIn(const PackagePath& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (folder.inside()) {
    for (std::filesystem::directory_iterator at(nativePath(folder.real()), error), end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().filename().generic_string();
      if (name.size() > 4 && name.substr(name.size() - 4) == ".whl") names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Arguments: the folder to make, the requirements, the wheels. Of the folders beside it the three used last stay: those of
// the releases before, which may run still, or again.
inline constexpr char kInstall[] = R"(import sys
del sys.path[0]  # the working folder
import glob, os, shutil, subprocess, sysconfig
target, requirements, wheels = sys.argv[1:4]
made_by = sys.version + sysconfig.get_platform()
mark = os.path.join(target, '.made-by')
def reads(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except OSError:
        return None
folder = os.path.dirname(target)
if reads(mark) != made_by:
    try:
        import pip
    except ImportError:
        carried = sorted(glob.glob(os.path.join(wheels, 'pip-*.whl')))
        if not carried:
            sys.exit('exec.requirements: this Python has no pip: ' + sys.executable + '; install it (Debian: python3-pip), or pack a pip-*.whl with the wheels')
        os.environ['PYTHONPATH'] = os.path.abspath(carried[-1])
    for left in glob.glob(os.path.join(folder, '*.part')) + [target]:
        shutil.rmtree(left, ignore_errors=True)
    part = target + '.part'
    os.environ['PIP_ROOT_USER_ACTION'] = 'ignore'
    os.makedirs(part)
    status = subprocess.call([sys.executable, '-m', 'pip', 'install', '--quiet', '--no-index', '--find-links', wheels,
                              '--only-binary=:all:', '--no-cache-dir', '--no-input', '--disable-pip-version-check',
                              '--no-compile', '--target', part, '--requirement', requirements], cwd=folder)
    if status != 0:
        sys.exit('exec.requirements: pip could not install them from ' + wheels)
    with open(os.path.join(part, '.made-by'), 'w', encoding='utf-8') as file:
        file.write(made_by)
    os.rename(part, target)
os.utime(target)
others = [os.path.join(folder, name) for name in os.listdir(folder)]
for old in sorted((each for each in others if each != target), key=os.path.getmtime)[:-2]:
    shutil.rmtree(old, ignore_errors=True)
)";

}  // namespace tenon::python

#endif
