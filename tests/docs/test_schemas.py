#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schemas are in step with the field registry, every shipped file follows them, and mistakes do not."""

import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

PATTERNS = os.path.join(os.environ.get("SIAGA_SRCDIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."), "patterns")
SCHEMA = os.path.join(PATTERNS, "schema")

try:
    import jsonschema
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2 as editors read it: dates are text, only true and false are booleans."""
    Loader.yaml_implicit_resolvers = {
        c: [(tag, regexp) for tag, regexp in pairs if not tag.endswith((":timestamp", ":bool"))]
        for c, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))
except ImportError as error:
    jsonschema = None
    missing = str(error)

SHIPPED = {
    "patterns": ["web/*.yaml", "dns/*.yaml", "auth/*.yaml"],
    "rule": ["rules/*/*.yml", "correlations/*.yml"],
    "scenarios": ["**/*.scenarios.yaml"],
    "sharing": ["sharing/*.yaml"],
}
MISTAKES = {
    "patterns": ["dataset: x\nfamily: mail\npatterns: []\n", "dataset: x\nfamily: web\npaterns: []\n",
                 "dataset: x\nfamily: web\npatterns: [ { id: a, match: x, samples: [ { lines: y } ] } ]\n"],
    "rule": ["title: x\nlevel: severe\n", "title: x\nsiaga: { victim: [a] }\n",
             "title: x\ncorrelation: { type: count }\n"],
    "scenarios": ["scenarios: [ { name: x, steps: [ { line: y, reapeat: 3 } ], expect: none } ]\n"],
    "sharing": ["partners: { a: { tlp: WHITE } }\n", "policies: [ { to: a } ]\n",
                "redact: { GREEN: { users: keep } }\n"],
    "overrides": ["overrides: [ { rule: a, level: none } ]\n", "overrides: [ { disable: true } ]\n"],
    "allow": ["allow: [ { reason: x } ]\n", "allow: [ { user: x } ]\n", "allow: [ { user: x, until: soon, reason: y } ]\n"],
}
GOOD = {
    "overrides": ["overrides: [ { rule: a, level: low, simulate: true, disable: false } ]\n"],
    "allow": ["allow: [ { user: [x, y], until: 2099-12-31, reason: z }, { source: 192.0.2.0/24, reason: w } ]\n"],
}


def names(schema):
    """Takes the enumerated names of fields out of SCHEMA: a new field is completed after the next make-schemas, and
    valid before it."""
    found = set()
    if isinstance(schema, dict):
        for key, value in list(schema.items()):
            if key == "enum" and "event.dataset" in value or key == "properties" and "event.dataset" in value:
                found |= set(schema.pop(key))
            else:
                found |= names(value)
    elif isinstance(schema, list):
        for value in schema:
            found |= names(value)
    return found


class Schemas(unittest.TestCase):
    def validator(self, name):
        if not jsonschema:
            self.skipTest("no validator: " + missing)
        with open(os.path.join(SCHEMA, name + ".json")) as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    def test_they_are_in_step_with_the_registry(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, os.path.join(PATTERNS, "..", "packaging", "make-schemas"), folder], check=True)
            for path in glob.glob(os.path.join(folder, "*.json")):
                committed = os.path.join(SCHEMA, os.path.basename(path))
                with open(path) as new, open(committed) as old:
                    made, kept = json.load(new), json.load(old)
                self.assertEqual(names(kept) - names(made), set(), committed + " is old: run packaging/make-schemas")
                self.assertEqual(made, kept, committed + " is old: run packaging/make-schemas")

    def test_every_shipped_file_follows_its_schema(self):
        for name, globs in SHIPPED.items():
            validator = self.validator(name)
            files = [f for g in globs for f in glob.glob(os.path.join(PATTERNS, g), recursive=True)]
            self.assertTrue(files, name)
            for path in files:
                if name == "rule" and path.endswith(".scenarios.yaml"):
                    continue
                with open(path) as f:
                    for document in yaml.load_all(f, Loader):
                        errors = [e.message[:300] + " at " + e.json_path for e in validator.iter_errors(document)]
                        self.assertEqual(errors, [], path)

    def test_mistakes_are_found(self):
        for name, texts in MISTAKES.items():
            for text in texts:
                self.assertTrue(list(self.validator(name).iter_errors(yaml.load(text, Loader))), text)

    def test_good_examples_pass(self):
        for name, texts in GOOD.items():
            for text in texts:
                self.assertEqual([e.message for e in self.validator(name).iter_errors(yaml.load(text, Loader))], [], text)


if __name__ == "__main__":
    if not jsonschema:
        print("files are not validated: " + missing)
    unittest.main()
