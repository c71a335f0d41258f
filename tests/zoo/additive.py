#!/usr/bin/env python3
"""Within a major version a schema only gains optional members.  additive.py RELEASED CURRENT: two folders of schemas.

Readers and writers of a document are of different ages, in both directions. So whatever an old writer may write, a new reader takes:
nothing is narrowed, nothing becomes required. And what an old reader relies on, a new writer gives: nothing is removed, nothing that
was required becomes optional, nothing is widened. What people write into files, and only the host reads, may be widened."""

import json
import pathlib
import sys

FILES = {"plugin.json", "service.json"}  # read by the host alone, whose age the document can ask for
PROSE = {"description", "title", "$id", "$schema", "$defs", "default", "examples", "$comment"}
LEAST, MOST = {"minimum", "minLength", "minItems", "minProperties"}, {"maximum", "maxLength", "maxItems", "maxProperties"}
INNER = {"items", "additionalProperties", "propertyNames"}


class Comparison:
    def __init__(self, old, new, may_widen):
        self.roots = old, new
        self.may_widen = may_widen
        self.findings = []

    def found(self, path, what):
        self.findings.append(f"{path or 'the document'}: {what}")

    def resolved(self, schema, root):
        while "$ref" in schema:
            target = root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def compare(self, old, new, path=""):
        old, new = self.resolved(old, self.roots[0]), self.resolved(new, self.roots[1])
        self.required(old, new, path)
        for name, member in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                self.found(f"{path}.{name}".lstrip("."), "was removed")
            else:
                self.compare(member, new["properties"][name], f"{path}.{name}".lstrip("."))
        for key in sorted((old.keys() | new.keys()) - PROSE - {"properties", "required"}):
            if key in INNER and isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                self.compare(old[key], new[key], f"{path}[]" if key == "items" else f"{path}.*" if key == "additionalProperties" else f"{path} keys")
            elif old.get(key) != new.get(key):
                self.bound(key, old.get(key), new.get(key), path)
        if old.get("default") != new.get("default"):
            self.found(path, f"its default was {json.dumps(old.get('default'))} and is {json.dumps(new.get('default'))}")

    def required(self, old, new, path):
        before, after = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(after - before):
            self.found(f"{path}.{name}".lstrip("."), "became required")
        for name in sorted(before - after):
            if not self.may_widen:
                self.found(f"{path}.{name}".lstrip("."), "is not always there any more")

    def bound(self, key, old, new, path):
        """A limit, type, pattern or list of values that differs."""
        wider = old is not None and (
            new is None
            or (key in LEAST and new < old)
            or (key in MOST and new > old)
            or (key == "enum" and set(old) < set(new)))
        if not (wider and self.may_widen):
            told = [json.dumps(value) if value is not None else "not limited" for value in (old, new)]
            self.found(path, f"{key} was {told[0]} and is {told[1]}")


def differences(old, new, name):
    """What breaks the rule between two schemas of that file name."""
    comparison = Comparison(old, new, name in FILES)
    if old["title"] != new["title"]:
        comparison.found("", f"was {old['title']} and is {new['title']}")
    comparison.compare(old, new)
    return comparison.findings


def main(released, current):
    """`released` may have an accepted.json beside it: what was found between the two and is no harm, with the reason."""
    findings = []
    for path in sorted(pathlib.Path(released).glob("*.json")):
        now = pathlib.Path(current) / path.name
        if not now.exists():
            findings.append(f"{path.name} was removed")
        else:
            findings += [f"{path.name}: {one}" for one in differences(json.loads(path.read_text()), json.loads(now.read_text()), path.name)]
    accepted = pathlib.Path(released).parent / "accepted.json"
    reasons = json.loads(accepted.read_text()) if accepted.exists() else {}
    stale = [f"{accepted}: nothing is found any more that says {one!r}" for one in reasons if one not in findings]
    findings = [one for one in findings if one not in reasons] + stale
    print("\n".join(findings) or f"{current} has all of {released}")
    return 1 if findings or not list(pathlib.Path(released).glob("*.json")) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
