"""Validates every Services/*/openapi.yaml as OpenAPI, and asserts what Swift's tests of replies and requests do not see.

Run by infra/test with the virtual environment's Python.
"""

import pathlib
import re
import unittest

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHODS = {"get", "put", "post", "patch", "delete"}
FILES = sorted(ROOT.glob("Services/*/openapi.yaml"))


def values(node, key: str) -> list:
    """Every value of this key, wherever it stands."""
    if isinstance(node, dict):
        return [found for name, value in node.items() for found in ([value] if name == key else []) + values(value, key)]
    return [found for item in node for found in values(item, key)] if isinstance(node, list) else []


class OpenAPI(unittest.TestCase):
    def each(self):
        self.assertTrue(FILES)
        for file in FILES:
            with self.subTest(file.parent.name):
                yield file.parent, yaml.safe_load(file.read_text())

    def test_it_is_openapi(self):
        for _, document in self.each():
            errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
                      for error in OpenAPIV31SpecValidator(document).iter_errors()]
            self.assertEqual(errors, [])

    def test_every_operation_has_a_name_of_its_own_a_known_tag_and_says_what_it_does(self):
        for _, document in self.each():
            operations = [item[method] for item in document["paths"].values() for method in METHODS & set(item)]
            names = [operation["operationId"] for operation in operations]
            self.assertEqual(len(names), len(set(names)))
            tags = {tag["name"] for tag in document["tags"]}
            self.assertEqual(tags, {tag for operation in operations for tag in operation["tags"]})
            for operation in operations:
                self.assertRegex(operation["description"], r"^[A-Z].*\.$")

    def test_every_component_is_used(self):
        for _, document in self.each():
            # A way of showing who calls is named where it is asked for, not referred to.
            schemes = {f"#/components/securitySchemes/{name}" for way in document.get("security", []) for name in way}
            used = set(values(document, "$ref")) | schemes
            defined = {f"#/components/{kind}/{name}" for kind, parts in document["components"].items() for name in parts}
            self.assertEqual(defined, used)

    def test_every_public_code_is_one_of_the_sources(self):
        for service, document in self.each():
            prefix = service.name.lower() + "."
            named = {code for codes in values(document, "enum") for code in codes if str(code).startswith(prefix)}
            sources = "".join(file.read_text() for file in service.rglob("*.swift"))
            self.assertEqual(named - set(re.findall(r'"([a-z.-]+)"', sources)), set())


if __name__ == "__main__":
    unittest.main()
