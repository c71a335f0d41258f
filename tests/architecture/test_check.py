#!/usr/bin/env python3
"""The checker bites: one bad example for each of its rules, and a good house in which it finds nothing."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check import House, functions  # noqa: E402

TABLE = {
    "floors": [["base"], ["store", "trust"], ["app"]], "not_rooms": ["cmake"], "poco_headers_allowed_in": ["app"],
    "clock_and_thread_allowed_in": ["host/base/Clock.cpp"],
    "budgets": {"file_lines": 50, "function_lines": 10, "parameters": 5, "pairs_in_a_room": 3}, "exceptions": {}}

GOOD = {
    "host/base/README.md": "", "host/base/CMakeLists.txt": "", "host/base/Clock.cpp": "auto t() { return std::chrono::steady_clock::now(); }\n",
    "host/store/README.md": "", "host/store/CMakeLists.txt": "target_link_libraries(tenon_store PUBLIC tenon_base)",
    "host/store/A.cpp": '#include "host/base/Clock.h"\n// _WIN32 in a comment\nconst char* s = "__linux__";\n',
    "host/app/README.md": "", "host/app/CMakeLists.txt": "target_link_libraries(tenon_app PUBLIC tenon_store)",
    "host/app/Main.h": "#include <Poco/Path.h>\n", "platform/linux/Spawn.cpp": "#include <unistd.h>\n",
    "plugins/python/Python.cpp": '#include "tenon/driver.hpp"\n', "sdk/include/tenon/plugin.h": "#include <stdint.h>\n"}


def findings(changes, exceptions=None):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**GOOD, **changes}.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return House(pathlib.Path(folder), {**TABLE, "exceptions": exceptions or {}}).check()


class TheChecker(unittest.TestCase):
    def bites(self, expected, changes):
        found = findings(changes)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_finds_nothing_in_a_good_house(self):
        self.assertEqual(findings({}), [])

    def test_upward_include(self):
        found = findings({"host/store/A.cpp": '#include "host/app/Main.h"\n'})
        self.assertTrue(any("not on a lower floor" in finding for finding in found), found)

    def test_sideways_include(self):
        found = findings({"host/store/A.cpp": '#include "host/trust/Key.h"\n'})
        self.assertTrue(any("not on a lower floor" in finding for finding in found), found)

    def test_room_without_a_floor(self):
        self.bites("in no row", {"host/attic/README.md": ""})

    def test_room_without_a_readme(self):
        self.bites("no README", {"host/trust/CMakeLists.txt": ""})

    def test_link_that_goes_up(self):
        self.bites("links tenon_app", {"host/store/CMakeLists.txt": "target_link_libraries(tenon_store PUBLIC tenon_base tenon_app)"})

    def test_include_without_a_link(self):
        self.bites("does not link it", {"host/store/CMakeLists.txt": ""})

    def test_os_header(self):
        self.bites("OS's <unistd.h>", {"host/store/B.cpp": "#include <unistd.h>\n"})

    def test_os_macro(self):
        self.bites("which OS", {"host/store/B.cpp": "#ifdef _WIN32\n#endif\n"})

    def test_poco_in_a_header(self):
        self.bites("shows Poco", {"host/store/B.h": "#include <Poco/Path.h>\n"})

    def test_raw_clock(self):
        self.bites("raw clock", {"host/store/B.cpp": "auto t = std::chrono::system_clock::now();\n"})

    def test_raw_thread(self):
        self.bites("raw thread", {"host/store/B.cpp": "void f() { std::thread t; }\n"})

    def test_plugin_that_sees_the_host(self):
        self.bites("SDK alone", {"plugins/python/Python.cpp": '#include "host/base/Json.h"\n'})

    def test_host_that_sees_a_plugin(self):
        self.bites("through the SDK alone", {"host/store/B.cpp": '#include "platform/linux/Spawn.h"\n'})

    def test_long_file(self):
        self.bites("has 51 lines", {"host/store/B.cpp": "\n" * 51})

    def test_long_function(self):
        self.bites("f has 12 lines", {"host/store/B.cpp": "int f(int a) {\n" + "  ++a;\n" * 10 + "}\n"})

    def test_many_parameters(self):
        self.bites("takes 6 parameters", {"host/store/B.cpp": "void f(int a, std::map<int, int> b, int c, int d, int e, int g) {}\n"})

    def test_crowded_room(self):
        self.bites("it is two rooms", {f"host/store/{name}.h": "" for name in "BCD"})

    def test_exception_with_a_reason(self):
        self.assertEqual(findings({"host/store/B.cpp": "#include <unistd.h>\n"}, {"os:host/store/B.cpp": "why"}), [])

    def test_exception_that_nothing_needs(self):
        self.assertIn("needed no more", findings({}, {"os:host/store/B.cpp": "why"})[0])


class Functions(unittest.TestCase):
    def test_are_found_with_their_lengths(self):
        text = ("namespace a {\nclass B {\n public:\n  B(int x) : x_(x) {}\n  int get() const { return x_; }\n};\n"
                "int f(int a,\n      int b) {\n  if (a) { return b; }\n  auto l = [&] { return a; };\n  return l();\n}\n}\n")
        self.assertEqual([(n, length, p) for n, _, length, p in functions(text)], [("B", 1, 1), ("get", 1, 0), ("f", 6, 2)])


if __name__ == "__main__":
    unittest.main()
