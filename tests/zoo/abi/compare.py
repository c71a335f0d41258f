#!/usr/bin/env python3
"""The C ABI only grows.  compare.py RELEASED.abi INCLUDE: the header below that folder against the ABI of a release, by abidiff.

  compare.py --write RELEASED.abi INCLUDE    writes down the ABI of a release
  compare.py --bad RELEASED.abi INCLUDE      every bad example is seen, and growth is not taken for one

One change is allowed: a struct that carries its size gains members behind all that it had. Whatever else abidiff says is a break,
also what this does not understand."""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BAD = HERE.parent / "bad/headers"
SUMMARY = re.compile(r"(Leaf changes|Changed leaf types|Removed/Changed/Added (functions|variables)) summary: .*")
CHANGED = re.compile(r"'struct (\w+)' changed:")
SIZE = re.compile(r"  type size changed from (\d+) to (\d+) \(in bits\)")
COUNT = re.compile(r"  \d+ data member insertions?:")
MEMBER = re.compile(r"    '.*', at offset (\d+) \(in bits\)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def library(include, work):
    made = pathlib.Path(work) / "shim.so"
    run("gcc", "-std=c99", "-g", "-O0", "-fPIC", "-shared", f"-I{include}", str(HERE / "shim.c"), "-o", str(made))
    return made


def write(released, include, work):
    run("abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--out-file", str(released), str(library(include, work)))
    text = pathlib.Path(released).read_text()
    pathlib.Path(released).write_text(text.replace(str(HERE), "."))


def sized(include):
    """The structs that carry their size."""
    text = (pathlib.Path(include) / "tenon/plugin.h").read_text()
    return set(re.findall(r"typedef struct (\w+) \{\s*(?:uint32_t magic, struct_size|uint32_t struct_size)\b", text))


def breaks(report, may_grow):
    """The lines of abidiff's report that are more than growth."""
    wrong, struct, end = [], "", 0
    for line in report.splitlines():
        if not line or SUMMARY.fullmatch(line) or COUNT.fullmatch(line):
            continue
        if found := CHANGED.fullmatch(line):
            struct, end = found[1], 0
            if struct not in may_grow:
                wrong.append(f"struct {struct} does not carry its size, and changed")
        elif (found := SIZE.fullmatch(line)) and int(found[2]) > int(found[1]):
            end = int(found[1])
        elif (found := MEMBER.fullmatch(line)) and end and int(found[1]) >= end:
            pass
        else:
            wrong.append(f"struct {struct}: {line.strip()}" if struct else line.strip())
    return wrong


def compare(released, include, work):
    told = subprocess.run(
        ["abidiff", "--leaf-changes-only", "--harmless", "--no-added-syms", "--no-show-locs", str(released), str(library(include, work))],
        capture_output=True, text=True)
    if told.returncode & 3:
        raise SystemExit(f"abidiff: {told.stderr}")
    return breaks(told.stdout, sized(include))


def edited(script, include, work):
    """A copy of the header that a script of sed has changed."""
    header = pathlib.Path(include) / "tenon/plugin.h"
    folder = pathlib.Path(work) / "include"
    (folder / "tenon").mkdir(parents=True, exist_ok=True)
    text = run("sed", "-f", str(script), str(header))
    if text == header.read_text():
        raise SystemExit(f"{script.name} changes nothing in plugin.h: write it anew")
    (folder / "tenon/plugin.h").write_text(text)
    return folder


def bad(released, include, work):
    unseen = []
    for script in sorted(BAD.glob("*.sed")):
        if not compare(released, edited(script, include, work), work):
            unseen.append(f"not seen: {script.stem}")
    for script in sorted((BAD / "allowed").glob("*.sed")):
        unseen += [f"{script.stem}: {line}" for line in compare(released, edited(script, include, work), work)]
    return unseen


def main(arguments):
    task = {"--write": write, "--bad": bad}.get(arguments[0], compare)
    released, include = arguments[-2:]
    with tempfile.TemporaryDirectory() as work:
        findings = task(released, include, work) or []
    print("\n".join(findings) or ("no finding" if task is not write else f"written: {released}"))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
