#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every shipped correlation's incident in every format, checked against the formats' published schemas."""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = os.environ.get("SIAGA_BUILDDIR", ".")
SOURCE = Path(os.environ.get("SIAGA_SRCDIR", "."))
CTL = os.path.join(BUILD, "siagactl")
SCHEMAS = SOURCE / ".." / "shared" / "schemas"
FORMATS = ("stix", "misp", "iodef", "intelmq")


def siagactl(*words, text=None):
    result = subprocess.run([CTL, *words], input=text, capture_output=True, text=True,
                            env=dict(os.environ, SIAGA_DATA_DIR=str(SOURCE / "patterns")))
    if result.returncode:
        raise AssertionError("siagactl %s: %s" % (" ".join(words), result.stderr))
    return result.stdout.splitlines()


def field(text, name):
    found = re.search(r"^\s*%s: *(.+)$" % name, text, re.M)
    return found.group(1).strip("'\"") if found else None


def shipped_rules():
    """What a correlation says about itself, as an incident carries it."""
    for path in sorted((SOURCE / "patterns" / "correlations").rglob("*.yml")):
        for text in re.split(r"^---\s*$", path.read_text(), flags=re.M):
            if not field(text, "id") or not re.search(r"^correlation:", text, re.M):
                continue
            rule = {"id": field(text, "id"), "name": field(text, "title"), "level": field(text, "level"),
                    "category": field(text, "category"), "description": field(text, "description")}
            techniques = [t.upper() for t in re.findall(r"attack\.(t\d{4}(?:\.\d{3})?)", text)]
            yield {key: value for key, value in rule.items() if value}, techniques


def with_rule(incident, rule, techniques):
    one = copy.deepcopy(incident)
    one["rule"] = rule
    one["threat"] = {"framework": "MITRE ATT&CK", "technique": {"id": techniques}}
    return one


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raised = [json.loads(line) for line in siagactl("test", "--incidents")]
        cls.rules = list(shipped_rules())
        cls.incidents = raised + [with_rule(raised[i % len(raised)], *rule) for i, rule in enumerate(cls.rules)]
        cls.lines = "".join(json.dumps(incident) + "\n" for incident in cls.incidents)

    def test_every_correlation_is_there(self):
        self.assertGreater(len(self.rules), 40)
        shipped = {rule["id"] for rule, _ in self.rules}
        self.assertEqual(shipped - {incident["rule"]["id"] for incident in self.incidents}, set())

    def test_every_format_is_valid_for_every_incident(self):
        if not SCHEMAS.is_dir():
            self.skipTest("no schemas in %s" % SCHEMAS)
        with tempfile.TemporaryDirectory() as folder:
            for name in FORMATS:
                documents = siagactl("share", "--whole", "--format", name, text=self.lines)
                self.assertEqual(len(documents), len(self.incidents))
                for i, document in enumerate(documents):
                    (Path(folder) / ("%d.%s" % (i, name))).write_text(document)
            validate = SOURCE / "modules" / "engine" / "export" / "tests" / "validate.py"
            result = subprocess.run([sys.executable, validate, SCHEMAS, folder], capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stderr[:4000])
            sys.stderr.write(result.stderr)  # what was skipped

    def test_every_category_and_technique_has_its_word(self):
        for event, incident in zip(siagactl("share", "--whole", "--format", "misp", text=self.lines), self.incidents):
            tags = [tag["name"] for tag in json.loads(event)["Event"]["Tag"]]
            galaxy = [tag for tag in tags if tag.startswith("misp-galaxy:")]
            techniques = incident.get("threat", {}).get("technique", {}).get("id", [])
            self.assertEqual(len(galaxy), len(techniques), (incident["rule"]["name"], techniques, galaxy))
            if incident["rule"].get("category") not in (None, "dns", "listed", "policy", "webserver", "campaign"):
                self.assertNotIn('rsit:other="undetermined"', tags, incident["rule"])

    def test_every_technique_that_a_rule_names_has_its_word(self):
        named = (SOURCE / "modules" / "engine" / "export" / "techniques.def").read_text()
        for path in sorted((SOURCE / "patterns").rglob("*.yml")):
            for technique in re.findall(r"attack\.(t\d{4}(?:\.\d{3})?)\b", path.read_text()):
                self.assertIn('"%s"' % technique.upper(), named, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
