#!/usr/bin/env python3
"""Holds sdk/schemas/ against what is really said.

  validate.py                what is kept in this tree: golden requests and plans, manifests, service.json of samples
  validate.py PLUGINS…       the answers of these libraries to all golden requests, each as it is given
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
from plugin import Plugin

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SCHEMAS = ROOT / "sdk/schemas"
GOLDEN = ROOT / "tests/plugins/golden"
FINGERPRINT = {"schema": "tenon.fingerprint-request/1", "platforms": ["linux-x64"], "search_path": "/usr/bin:/bin"}


def read(path):
    return json.loads(path.read_text())


def validator(name):
    schema = read(SCHEMAS / f"{name}.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALIDATORS = {path.stem: validator(path.stem) for path in SCHEMAS.glob("*.json")}


def faults(name, document):
    return [f"{error.json_path}: {error.message}" for error in VALIDATORS[name].iter_errors(document)]


def tracked(pattern):
    listed = subprocess.run(["git", "ls-files", "-z", pattern], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def kept():
    """What lies in the tree, as (schema, title, document)."""
    for path in sorted(GOLDEN.glob("*/*/request.json")):
        yield "plan-request", path, read(path)
    for path in sorted(GOLDEN.glob("*/*/plan.json")):
        yield "plan", path, read(path)
    for path in tracked("*.plugin.json"):
        yield "plugin", path, read(path)
    for path in tracked("samples/templates/*/service.json"):
        yield "service", path, json.loads(path.read_text().replace("${SERVICE_ID}", "hello").replace("${PLATFORM}", "linux-x64"))
    others = tracked("samples/services/**/service.json") + tracked("samples/drivers/**/service.json")
    for path in others + tracked("sdk/template/service/service.json") + tracked("tests/journey/*/service.json"):
        yield "service", path, read(path)
    for example in read(HERE / "examples.json"):
        yield example["schema"], "examples.json", example["document"]


def golden_request(path, package):
    """A request about a package that has the files of the case, by name at least."""
    listed = path.with_name("package.txt")
    for line in listed.read_text().splitlines() if listed.exists() else []:
        file = package / line.split(maxsplit=1)[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text\n")
    return json.loads(path.read_text().replace("@PACKAGE@", str(package)))


def answers(library, work):
    """What a plugin says, as (schema, title, document)."""
    manifest = read(library.with_suffix(".plugin.json"))
    if manifest["family"] == "platform-adapter":
        adapter = Plugin(library, "tenon.platform/1", ["describe"])
        asked = [("describe", {"schema": "tenon.describe-request/1"}, "platform-facts")]
    else:
        adapter = Plugin(library, "tenon.driver/1", ["fingerprint", "plan"])
        asked = [("fingerprint", FINGERPRINT, "fingerprint"), ("fingerprint", {}, "fingerprint")]
        for path in sorted(GOLDEN.glob("*/*/request.json")):
            asked.append(("plan", golden_request(path, work / path.parent.parent.name / path.parent.name), "plan"))
    for operation, request, schema in asked:
        code, documents, problems = adapter.ask(operation, request)
        if (len(documents), len(problems)) != ((1, 0) if code == 0 else (0, 1)):
            raise SystemExit(f"{library}: {operation} gave {documents} and {problems} with code {code}")
        yield (schema if code == 0 else "problem"), f"{library.name}: {operation} of {request}", (documents + problems)[0]


def missing():
    """Documents that plugin.h speaks of and that have no schema of that title."""
    header = (ROOT / "sdk/include/tenon/plugin.h").read_text()
    spoken = set(re.findall(r"tenon\.[a-z-]+/1", header))
    extensions = set(re.findall(r'"(tenon\.[a-z-]+/1)"', header))
    titled = {one.schema["title"] for one in VALIDATORS.values()}
    return sorted(spoken - extensions - titled)


def main(libraries):
    wrong, seen = [f"plugin.h speaks of {name}, and no schema has that title" for name in missing()], {}
    with tempfile.TemporaryDirectory() as work:
        everything = list(kept()) if not libraries else [one for name in libraries for one in answers(pathlib.Path(name), pathlib.Path(work))]
    for schema, title, document in everything:
        seen[schema] = seen.get(schema, 0) + 1
        wrong += [f"{title} is no {schema}: {fault}" for fault in faults(schema, document)]
    if not libraries:
        wrong += [f"no example of {name}" for name in sorted(set(VALIDATORS) - set(seen))]
        for bad in read(HERE / "bad.json"):
            if not any(bad["says"] in fault for fault in faults(bad["schema"], bad["document"])):
                wrong.append(f"bad.json: not refused as {bad['says']!r}: {bad['document']}")
    print("\n".join(wrong) or "valid: " + ", ".join(f"{count} {schema}" for schema, count in sorted(seen.items())))
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
