#!/usr/bin/env python3
"""Makes docs/plugin-documents.md of sdk/schemas/.  page.py [--check]: only compares."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "sdk/schemas"
PAGE = ROOT / "docs/plugin-documents.md"

GROUPS = [
    ("Any plugin", ["plugin", "problem"]),
    ("A runtime driver", ["fingerprint-request", "fingerprint", "plan-request", "plan"]),
    (
        "A platform adapter",
        ["describe-request", "platform-facts", "spawn", "process", "become", "authorities", "own-state", "system-service"],
    ),
]
ELSEWHERE = {"service": "service-json.md"}

HEAD = """# The documents that plugins read and write
Made from the SDK's `schemas/` by `tests/sdk/documents/page.py`; do not edit. Which function takes and gives which of them stands in
`tenon/plugin.h`. What holds for all:

- UTF-8 JSON, at most 1 MiB and 64 levels. A key that stands twice is an error.
- A member that the reader does not know is ignored, unless the document's `must_understand` names it: then it is refused.
- Within a major version a schema only gains optional members. A test holds that against every release (`tests/zoo`).

Members in **bold** are always there. The other document of a package's author: [service.json](service-json.md).
"""


VERSION = json.loads((SCHEMAS / "plugin.json").read_text())["properties"]["version"]


def limits(schema):
    """The bounds of a value, in a few words."""
    if schema.get("pattern") == VERSION["pattern"]:
        return ["a semantic version"]
    said = []
    if schema.get("minLength") == 1 and "maxLength" not in schema:
        said, schema = ["not empty"], {key: value for key, value in schema.items() if key != "minLength"}
    for low, high, unit in [("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"),
                            ("minProperties", "maxProperties", " members")]:
        if low in schema and high in schema:
            said.append(f"{schema[low]} to {schema[high]}{unit}")
        elif low in schema:
            said.append(f"at least {schema[low]}{unit}")
        elif high in schema:
            said.append(f"at most {schema[high]}{unit}")
    if "pattern" in schema:
        said.append("`" + schema["pattern"].replace("|", "\\|") + "`")
    if "uniqueItems" in schema:
        said.append("no two alike")
    return said


def kind(schema):
    """What a value is: "list of string, at most 32 items"."""
    if "const" in schema:
        return f"`\"{schema['const']}\"`"
    if "enum" in schema:
        return ", ".join(f'`"{one}"`' for one in schema["enum"])
    name = schema.get("type", "anything")
    if name == "array":
        inner = schema.get("items", {})
        name = "list of " + ("objects" if "properties" in inner else kind(inner))
    elif isinstance(schema.get("additionalProperties"), dict):
        name = "object of " + kind(schema["additionalProperties"])
        if "propertyNames" in schema:
            name += ", keys " + ", ".join(limits(schema["propertyNames"]))
    if "contentEncoding" in schema:
        name += " in " + schema["contentEncoding"]
    return ", ".join([name] + limits(schema))


def prose(schema):
    return schema.get("description", "").replace("|", "\\|").replace("<", "\\<")


def rows(schema, path=""):
    for name, member in schema.get("properties", {}).items():
        shown = f"`{path}{name}`"
        if name in schema.get("required", []):
            shown = f"**{shown}**"
        meaning = prose(member)
        if "default" in member:
            meaning += f" Else `{json.dumps(member['default'])}`."
        yield f"| {shown} | {kind(member)} | {meaning.strip()} |"
        inner = member.get("items", member)
        yield from rows(inner, path + name + ("[]." if "items" in member else "."))


def page():
    out = [HEAD]
    left = {path.stem for path in SCHEMAS.glob("*.json")} - set(ELSEWHERE)
    for title, names in GROUPS:
        out.append(f"## {title}\n")
        for name in names:
            left.remove(name)
            schema = json.loads((SCHEMAS / f"{name}.json").read_text())
            out.append(f"### {schema['title']}\n{prose(schema)} [Schema](../sdk/schemas/{name}.json)\n")
            out.append("| member | is | meaning |\n|---|---|---|\n" + "\n".join(rows(schema)) + "\n")
    if left:
        raise SystemExit(f"page.py: no group has {', '.join(sorted(left))}")
    return "\n".join(out)


def main(arguments):
    made = page()
    if arguments != ["--check"]:
        PAGE.write_text(made)
        return 0
    if PAGE.read_text() == made:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not what sdk/schemas/ says: run tests/sdk/documents/page.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
