#!/usr/bin/env python3
"""additive.py bites: every way to break a reader or a writer is found, and what the rule allows is not."""

import copy
import json
import pathlib
import sys
import unittest

import additive

HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parents[1] / "sdk/schemas"


def changed(schema, path, value):
    """The schema with the value at a path of keys; None takes it away."""
    new = copy.deepcopy(schema)
    *parents, last = path.split("/")
    at = new
    for part in parents:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return new


class Additive(unittest.TestCase):
    def findings(self, example):
        old = json.loads((SCHEMAS / example["schema"]).read_text())
        new = old
        for path, value in example["change"].items():
            new = changed(new, path, value)
        self.assertNotEqual(old, new)
        return additive.differences(old, new, example["schema"])

    def test_every_bad_example_is_found(self):
        for example in json.loads((HERE / "bad/schemas.json").read_text()):
            with self.subTest(example["says"]):
                self.assertEqual(self.findings(example), [example["says"]])

    def test_what_the_rule_allows_is_not(self):
        for example in json.loads((HERE / "bad/allowed.json").read_text()):
            with self.subTest(example["change"]):
                self.assertEqual(self.findings(example), [])

    def test_a_schema_that_is_gone_is_found(self):
        self.assertEqual(additive.main(SCHEMAS, HERE / "bad"), 1)

    def test_the_same_is_not(self):
        self.assertEqual(additive.main(SCHEMAS, SCHEMAS), 0)


if __name__ == "__main__":
    sys.exit(unittest.main())
