#!/usr/bin/env python3
"""Holds the house to its floors: reads the sources as text and prints one line a finding; exit 1 where there is one.

The table is house.json. A finding can be excepted there by its key and a reason; an exception that nothing needs any more is
itself a finding, so that the list only shrinks.
"""
import json
import pathlib
import re
import sys

OS_HEADERS = re.compile(
    r"^(unistd|fcntl|dlfcn|poll|signal|csignal|pthread|sched|termios|dirent|pwd|grp|spawn|syslog|windows|winsock2?|ws2tcpip|io|direct|process)"
    r"(\.h)?$|^(sys|linux|netinet|arpa|net|asm|mach)/", re.IGNORECASE)
OS_MACROS = re.compile(r"\b(_WIN32|WIN32|_WIN64|__linux__|__unix__|__APPLE__|_MSC_VER|POCO_OS_FAMILY_\w+|POCO_OS)\b")
RAW_TIME = re.compile(r"\b\w+_clock::now\b|\bstd::time\s*\(|\bgettimeofday\b")
RAW_THREAD = re.compile(r"\bstd::(j?thread)\b(?!::)|\bstd::async\b|\bPoco::Thread\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
NOT_FUNCTIONS = re.compile(r"^(if|for|while|switch|catch|else|do|namespace|struct|class|enum|union|extern|return|static_assert)\b")
SOURCES = (".h", ".hpp", ".cpp", ".c")


def without_comments(text):
    """The text with comments and literals blanked, line breaks kept."""
    def blank(match):
        kept = "\n" * match.group(0).count("\n")
        return kept if match.group(0).startswith("/") else '""' + kept
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.DOTALL)


def functions(text):
    """(name, first line, lines, parameters) of every function definition; lambdas belong to the function around them."""
    code = without_comments(text)
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), code, flags=re.MULTILINE)
    code = re.sub(r"\b(public|private|protected)\s*:(?!:)", lambda m: " " * len(m.group(0)), code)
    stack, inside, head_start = [], 0, 0
    for at, char in enumerate(code):
        if char == ";" and not inside:
            head_start = at + 1
        elif char == "{":
            head = code[head_start:at].strip()
            is_function = not inside and head.find("(") > 0 and not NOT_FUNCTIONS.match(head) and "=" not in head.split("(")[0]
            stack.append((is_function, head, head_start, at))
            inside += is_function or inside > 0
            if not inside:
                head_start = at + 1
        elif char == "}" and stack:
            was_function, head, start, opened = stack.pop()
            if inside:
                inside -= 1
            if was_function:
                body_start = start + len(code[start:opened]) - len(code[start:opened].lstrip())
                first = code.count("\n", 0, body_start) + 1
                last = code.count("\n", 0, at) + 1
                yield head.split("(")[0].split()[-1], first, last - first + 1, parameters(head)
            if not inside:
                head_start = at + 1


def parameters(head):
    start = head.index("(") + 1
    if head[:start].endswith("operator("):
        start = head.index("(", start) + 1
    depth, count, empty = 1, 1, True
    for char in head[start:]:
        if char in "(<[{":
            depth += 1
        elif char in ")>]}":
            depth -= 1
            if depth == 0:
                break
        elif char == "," and depth == 1:
            count += 1
        empty = empty and char.isspace()
    return 0 if empty else count


class House:
    def __init__(self, root, table):
        self.root, self.table = root, table
        self.floor = {room: level for level, rooms in enumerate(table["floors"]) for room in rooms}
        self.findings = []
        self.used = set()

    def find(self, key, text):
        if key in self.table["exceptions"]:
            self.used.add(key)
        else:
            self.findings.append(f"{text}   [{key}]")

    def sources(self, *folders):
        for folder in folders:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in SOURCES and path.is_file():
                    yield path.relative_to(self.root).as_posix(), path.read_text(encoding="utf-8")

    def check(self):
        self.rooms()
        for name, text in self.sources("host", "sdk", "plugins", "platform"):
            self.includes(name, text)
            self.door(name, text)
            self.budgets(name, text)
        for unused in sorted(set(self.table["exceptions"]) - self.used):
            self.findings.append(f"the exception {unused} is needed no more: take it out")
        return self.findings

    def rooms(self):
        for folder in sorted(path for path in (self.root / "host").iterdir() if path.is_dir()):
            room = folder.name
            if room in self.table["not_rooms"]:
                continue
            if room not in self.floor:
                self.find(f"room:{room}", f"host/{room} is in no row of the table of floors")
                continue
            if not (folder / "README.md").exists():
                self.find(f"readme:{room}", f"host/{room} has no README.md")
            for part in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
                pairs = {path.stem for path in part.iterdir() if path.suffix in SOURCES}
                if len(pairs) > self.table["budgets"]["pairs_in_a_room"]:
                    name = part.relative_to(self.root / "host").as_posix()
                    self.find(f"pairs:{name}", f"host/{name} has {len(pairs)} pairs of files: it is two rooms")
            self.links(room, folder)

    def links(self, room, folder):
        build = folder / "CMakeLists.txt"
        text = re.sub(r"#[^\n]*", "", build.read_text(encoding="utf-8")) if build.exists() else ""
        linked = set()
        for call in re.findall(rf"target_link_libraries\(\s*tenon_{room}\b([^)]*)\)", text):
            linked |= {name for name in re.findall(r"\btenon_(\w+)", call) if name in self.floor}
        for other in sorted(linked):
            if self.floor[other] >= self.floor[room]:
                self.find(f"link:{room}->{other}", f"host/{room} links tenon_{other}, which is not on a lower floor")
        reached, todo = set(), list(linked)
        while todo:
            other = todo.pop()
            if other in reached:
                continue
            reached.add(other)
            other_build = self.root / "host" / other / "CMakeLists.txt"
            if other_build.exists():
                for call in re.findall(rf"target_link_libraries\(\s*tenon_{other}\b([^)]*)\)", other_build.read_text(encoding="utf-8")):
                    todo += [name for name in re.findall(r"\btenon_(\w+)", call) if name in self.floor]
        included = set()
        for _, source in self.sources(f"host/{room}"):
            included |= {target.split("/")[1] for _, target in INCLUDE.findall(source) if target.startswith("host/")}
        for other in sorted(included - reached - {room}):
            self.find(f"unlinked:{room}->{other}", f"host/{room} includes host/{other} and does not link it")

    def includes(self, name, text):
        parts = name.split("/")
        for _, target in INCLUDE.findall(text):
            if parts[0] == "host":
                room = parts[1]
                if target.startswith("host/"):
                    other = target.split("/")[1]
                    if other != room and self.floor.get(other, 99) >= self.floor.get(room, -1):
                        self.find(f"include:{room}->{other}", f"{name} includes {target}, which is not on a lower floor")
                if target.startswith(("plugins/", "platform/")):
                    self.find(f"include:{name}", f"{name} includes {target}: plugins and platforms are reached through the SDK alone")
                if target.startswith("Poco/") and name.endswith(".h") and room not in self.table["poco_headers_allowed_in"]:
                    self.find(f"poco:{name}", f"{name} shows Poco in a header")
            elif target.startswith(("host/", "Poco/", "cryptopp/")):
                self.find(f"include:{name}", f"{name} includes {target}: it may see the SDK alone")

    def door(self, name, text):
        if name.startswith("platform/"):
            return
        code = without_comments(text)
        for _, target in INCLUDE.findall(text):
            if OS_HEADERS.match(target):
                self.find(f"os:{name}", f"{name} includes the OS's <{target}>")
        for macro in sorted(set(OS_MACROS.findall(code))):
            self.find(f"os:{name}", f"{name} asks which OS it is on ({macro})")
        if name.startswith("host/") and name not in self.table["clock_and_thread_allowed_in"]:
            for what, pattern in (("clock", RAW_TIME), ("thread", RAW_THREAD)):
                match = pattern.search(code)
                if match:
                    line = code.count("\n", 0, match.start()) + 1
                    self.find(f"{what}:{name}", f"{name}:{line} uses a raw {what} ({match.group(0)})")

    def budgets(self, name, text):
        budget = self.table["budgets"]
        lines = text.count("\n")
        if lines > budget["file_lines"]:
            self.find(f"lines:{name}", f"{name} has {lines} lines: it is two rooms")
        for function, line, length, count in functions(text):
            if length > budget["function_lines"]:
                self.find(f"length:{name}:{function}", f"{name}:{line} {function} has {length} lines")
            if count > budget["parameters"] and name.startswith("host/"):
                self.find(f"parameters:{name}:{function}", f"{name}:{line} {function} takes {count} parameters")


def main():
    here = pathlib.Path(__file__).resolve().parent
    table = json.loads((here / "house.json").read_text(encoding="utf-8"))
    findings = House(here.parent.parent, table).check()
    for finding in findings:
        print(finding)
    print(f"architecture: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
