"""api/openapi.yaml, and whether a document is what it promises."""
import os
import re

import jsonschema
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

with open(os.path.join(ROOT, "api/openapi.yaml")) as file:
    CONTRACT = yaml.safe_load(file)


def find_operation(method, path):
    """The operation that answers `path` (without the server's part), or None."""
    for pattern, item in CONTRACT["paths"].items():
        if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", pattern), path):
            return item.get(method.lower())
    return None


def resolve(part):
    while "$ref" in part:
        found = CONTRACT
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def check(document, schema):
    """Raises with the place that is at fault."""
    whole = dict(schema, components=CONTRACT["components"])
    jsonschema.Draft202012Validator(whole).validate(document)


def schema_of(content):
    return next(iter(content.values()))["schema"]


def check_request(method, path, body):
    operation = find_operation(method, path)
    if not operation:
        raise AssertionError(f"{method} {path}: no such operation")
    wanted = operation.get("requestBody")
    if body is None and wanted:
        raise AssertionError(f"{method} {path}: a body is required")
    if body is not None:
        check(body, schema_of(wanted["content"]))


def check_answer(method, path, status, body):
    operation = find_operation(method, path)
    if not operation:
        return
    answers = operation["responses"]
    response = resolve(answers.get(str(status)) or answers["default"])
    if "content" in response:
        check(body, schema_of(response["content"]))
    elif body is not None:
        raise AssertionError(f"{method} {path} {status}: no body expected")
