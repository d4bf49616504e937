#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate.py SCHEMAS FILES: checks exported incidents against the formats' published schemas."""

import ipaddress
import json
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

failures = []


def fail(path, text):
    failures.append(f"{path.name}: {text}")


def stix_validators(folder, jsonschema, referencing):
    registry = referencing.Registry()
    schemas = {}
    for path in folder.rglob("*.json"):
        schema = json.loads(path.read_text())
        schemas[path.stem] = schema
        resource = referencing.Resource.from_contents(schema)
        registry = registry.with_resource(schema["$id"], resource)
    return {name: jsonschema.Draft202012Validator(schema, registry=registry) for name, schema in schemas.items()}


def old_stix_validators(folder, jsonschema):
    schemas, store = {}, {}
    for path in folder.rglob("*.json"):
        schema = json.loads(path.read_text())
        schemas[path.stem] = store[schema["$id"]] = schema
    make = getattr(jsonschema, "Draft202012Validator", jsonschema.Draft7Validator)
    return {name: make(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store))
            for name, schema in schemas.items()}


# The published bundle schema wants an object whose type it does not list to match exactly one of two cores, while
# these STIX 2.1 types match both: they are checked by their own schemas alone.
UNLISTED = ("incident", "extension-definition")


# STIX 2.1, section 2.9: ids of observables are made from what identifies them.
OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
BUNDLES_CHECKED_WHOLE = 3  # their schema tries every object against every type
checked = set()


def check_stix_times(path, thing):
    for first, last in (("created", "modified"), ("first_observed", "last_observed"), ("first_seen", "last_seen")):
        if thing.get(first, "") > thing.get(last, "9"):
            fail(path, f"{thing['id']}: {first} is later than {last}")


def check_stix_object(path, thing, validators):
    text = json.dumps(thing, sort_keys=True)
    if text in checked:
        return
    checked.add(text)
    for error in validators[thing["type"]].iter_errors(thing):
        fail(path, f"{thing['id']}: {error.message[:300]}")
    check_stix_times(path, thing)
    if thing["type"] in ("ipv4-addr", "ipv6-addr", "domain-name"):
        canonical = json.dumps({"value": thing["value"]}, ensure_ascii=False, separators=(",", ":"))
        if thing["id"] != f"{thing['type']}--{uuid.uuid5(OBSERVABLES, canonical)}":
            fail(path, f"{thing['id']} is not made from {canonical}")


def check_stix(path, validators, whole):
    bundle = json.loads(path.read_text())
    ids = [thing["id"] for thing in bundle["objects"]]
    if len(ids) != len(set(ids)):
        fail(path, "an id stands twice")
    listed = [thing for thing in bundle["objects"] if thing["type"] not in UNLISTED]
    for error in validators["bundle"].iter_errors({**bundle, "objects": listed if whole else listed[:1]}):
        fail(path, f"bundle: {error.message[:300]}")
    for thing in bundle["objects"]:
        check_stix_object(path, thing, validators)
    references = re.findall(r'"((?:[a-z0-9]+-)*[a-z0-9]+--[0-9a-f-]{36})"', json.dumps(bundle["objects"]))
    known = set(ids) | {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"}
    for reference in set(references) - known:
        fail(path, f"nothing is called {reference}")


# Which categories MISP takes for the types that are used here: the schema lets any pair pass, a server does not.
MISP_CATEGORIES = {
    "Network activity": {"ip-src", "ip-dst", "domain"},
    "Targeting data": {"target-org", "target-machine", "target-location", "target-user"},
    "Other": {"text", "counter", "datetime"},
    "Internal reference": {"text"},
}


def check_misp(path, validator):
    event = json.loads(path.read_text())
    for error in validator.iter_errors(event):
        fail(path, error.message[:300])
    things = [event["Event"], *event["Event"].get("Object", [])]
    for attribute in (attribute for thing in things for attribute in thing.get("Attribute", [])):
        if attribute["type"] not in MISP_CATEGORIES.get(attribute["category"], ()):
            fail(path, f"{attribute['type']} is no type of {attribute['category']}")


INTELMQ_TYPES = {
    "IPAddress": lambda v: ipaddress.ip_address(v),
    "IPNetwork": lambda v: ipaddress.ip_network(v),
    "UppercaseString": lambda v: v == v.upper() or 1 / 0,
    "LowercaseString": lambda v: v == v.lower() or 1 / 0,
    "FQDN": lambda v: re.fullmatch(r"[a-z0-9._-]+", v) or 1 / 0,
    "DateTime": lambda v: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", v) or 1 / 0,
    "Base64": lambda v: re.fullmatch(r"[A-Za-z0-9+/]*=*", v) or 1 / 0,
    "TLP": lambda v: v in ("WHITE", "GREEN", "AMBER", "RED") or 1 / 0,
}


def check_intelmq(path, fields):
    for key, value in json.loads(path.read_text()).items():
        if key.startswith("extra."):
            continue
        if key not in fields:
            fail(path, f"{key} is no field of the harmonisation")
            continue
        try:
            INTELMQ_TYPES.get(fields[key]["type"], lambda v: v)(value)
        except (ValueError, ArithmeticError):
            fail(path, f"{key}: {value!r} is no {fields[key]['type']}")
        if "regex" in fields[key] and not re.match(fields[key]["regex"], str(value)):
            fail(path, f"{key}: {value!r} does not match {fields[key]['regex']}")


IMPORTS = {
    "xmldsig.xsd": ("http://www.w3.org/2000/09/xmldsig#",
                    ["DigestMethod", "DigestValue", "CanonicalizationMethod", "Signature", "X509Data"]),
    "enum.xsd": ("urn:ietf:params:xml:ns:iodef-enum-1.0", ["ReferenceName"]),
    "sci.xsd": ("urn:ietf:params:xml:ns:iodef-sci-1.0", ["AttackPattern", "Vulnerability", "Weakness"]),
}


def iodef_schema(source, folder):
    """The schema with its imports replaced by declarations of the names it uses."""
    text = source.read_text()
    for name, (space, elements) in IMPORTS.items():
        declarations = "".join(f'<xs:element name="{element}" type="xs:anyType"/>' for element in elements)
        (folder / name).write_text(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}">{declarations}</xs:schema>')
        text = re.sub(rf'(namespace="{re.escape(space)}"\s*schemaLocation=)"[^"]*"', rf'\1"{name}"', text)
    space = "http://www.w3.org/XML/1998/namespace"
    (folder / "xml.xsd").write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}">'
        '<xs:attribute name="lang" type="xs:language"/></xs:schema>')
    text = re.sub(rf'(namespace="{re.escape(space)}"\s*schemaLocation=)"[^"]*"', r'\1"xml.xsd"', text)
    (folder / "iodef.xsd").write_text(text)
    return folder / "iodef.xsd"


def check_iodef(paths, schema):
    result = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, *paths], capture_output=True, text=True)
    if result.returncode:
        failures.append(result.stderr[:2000])


def check_iodef_again(paths, schema):
    """By an implementation of XML Schema that has nothing in common with libxml2."""
    import xmlschema
    validator = xmlschema.XMLSchema(str(schema))
    for path in paths:
        for error in validator.iter_errors(str(path)):
            fail(path, f"xmlschema: {error.path}: {error.reason}"[:300])


def meant(key, schema):
    """Without lists that stand where a property's schema should (MISP's has "required" one level too deep), and with no
    bare dollar sign within brackets, which fastjsonschema takes for the end of the text."""
    if isinstance(schema, list):
        return [meant(None, one) for one in schema]
    if key == "pattern" and isinstance(schema, str):
        return re.sub(r"\[[^\]]*\]", lambda found: found.group().replace("$", r"\x24"), schema)
    if not isinstance(schema, dict):
        return schema
    return {name: meant(name, one) for name, one in schema.items() if key != "properties" or not isinstance(one, list)}


class Compiled:
    """An implementation of JSON Schema that makes code of its own from a schema."""

    def __init__(self, schemas):
        import fastjsonschema
        self.module = fastjsonschema
        self.stix, self.validators, self.seen = {}, {}, set()
        for path in (schemas / "stix2.1").rglob("*.json"):
            schema = meant(None, json.loads(path.read_text()))
            schema.pop("$schema")  # younger than it knows, and nothing new is used
            self.stix[schema["$id"]] = self.stix[path.stem] = schema
        self.misp = meant(None, json.loads((schemas / "misp" / "schema.json").read_text()))

    def check(self, path, kind, schema, thing):
        if kind not in self.validators:
            self.validators[kind] = self.module.compile(schema, formats={"idn-hostname": r"^[^\s/]+$"},
                                                        handlers={"http": self.stix.get, "https": self.stix.get})
        try:
            self.validators[kind](thing)
        except self.module.JsonSchemaException as error:
            fail(path, f"fastjsonschema: {error.message}"[:300])

    def check_all(self, files):
        for path in files.glob("*.misp"):
            self.check(path, "misp event", self.misp, json.loads(path.read_text()))
        for path in files.glob("*.stix"):
            for thing in json.loads(path.read_text())["objects"]:
                text = json.dumps(thing, sort_keys=True)
                if text not in self.seen:
                    self.seen.add(text)
                    self.check(path, thing["type"], self.stix[thing["type"]], thing)


# The formats' own libraries, of which no package may be at hand: each refuses what it cannot read.

def read_stix(text, _):
    import stix2
    stix2.parse(text, allow_custom=True, version="2.1")


def read_misp(text, _):
    import pymisp
    pymisp.MISPEvent().load(text)


def read_intelmq(text, harmonisation):
    from intelmq.lib.message import Event
    Event(json.loads(text), harmonization=harmonisation)


def check_by_libraries(files, harmonisation):
    for name, read in (("stix", read_stix), ("misp", read_misp), ("intelmq", read_intelmq)):
        for path in sorted(files.glob(f"*.{name}")):
            try:
                read(path.read_text(), harmonisation)
            except ImportError as error:
                print(f"skipped: {error}", file=sys.stderr)
                break
            except Exception as error:  # each library has its own kinds
                fail(path, f"{type(error).__module__}: {error}"[:300])


def main():
    schemas, files = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        try:
            schema = iodef_schema(schemas / "iodef" / "iodef-2.0.xsd", Path(folder))
            documents = sorted(files.glob("*.iodef"))
            check_iodef(documents, schema)
            check_iodef_again(documents, schema)
        except FileNotFoundError:
            print("skipped: no xmllint (libxml2-utils)", file=sys.stderr)
        except ImportError:
            print("skipped: no xmlschema (python3-xmlschema)", file=sys.stderr)
    harmonisation = json.loads((schemas / "intelmq" / "harmonization.conf").read_text())
    for path in sorted(files.glob("*.intelmq")):
        check_intelmq(path, harmonisation["event"])
    check_by_libraries(files, harmonisation)
    try:
        Compiled(schemas).check_all(files)
    except ImportError:
        print("skipped: no fastjsonschema (python3-fastjsonschema)", file=sys.stderr)
    try:
        import jsonschema
    except ImportError:
        print("skipped: no jsonschema (python3-jsonschema)", file=sys.stderr)
    else:
        try:
            import referencing
            stix = stix_validators(schemas / "stix2.1", jsonschema, referencing)
        except ImportError:
            stix = old_stix_validators(schemas / "stix2.1", jsonschema)
        misp = jsonschema.Draft4Validator(json.loads((schemas / "misp" / "schema.json").read_text()))
        for i, path in enumerate(sorted(files.glob("*.stix"))):
            check_stix(path, stix, i < BUNDLES_CHECKED_WHOLE)
        for path in sorted(files.glob("*.misp")):
            check_misp(path, misp)
    if failures:
        print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


sys.exit(main())
