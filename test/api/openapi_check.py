# SPDX-License-Identifier: Apache-2.0
"""Holds real answers against doc/openapi.yaml. The shared client calls validate() for every answer that it sees."""

import functools
import json
import os

import yaml
from jsonschema import Draft202012Validator

METHODS = ("get", "put", "post", "delete", "patch")
PATH = os.environ.get("JETON_OPENAPI") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc", "openapi.yaml"
)


class Mismatch(AssertionError):
    """The server answered something that the document does not describe."""


@functools.lru_cache(maxsize=None)
def text():
    with open(PATH, encoding="utf-8") as file:
        return file.read()


@functools.lru_cache(maxsize=None)
def document():
    """The document as plain JSON values. It is shared: do not change it."""
    return yaml.load(text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def resolve(reference):
    """What a local reference names; KeyError if it names nothing."""
    if not reference.startswith("#/"):
        raise KeyError(reference)
    node = document()
    for step in reference[2:].split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def expand(node):
    """`node` with every reference replaced by what it names; what stands beside a reference is kept."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return {**expand(resolve(node["$ref"])), **expand(beside)}
        return {key: expand(value) for key, value in node.items()}
    if isinstance(node, list):
        return [expand(item) for item in node]
    return node


def segments(path):
    plain = path.split("?", 1)[0].strip("/")
    return plain.split("/") if plain else []


@functools.lru_cache(maxsize=None)
def tree():
    """Templates by segment; None stands for a parameter and the key "" for the template that ends here."""
    root = {}
    for template in document()["paths"]:
        node = root
        for segment in segments(template):
            node = node.setdefault(None if segment.startswith("{") else segment, {})
        node[""] = template
    return root


def match(path):
    """The template of a path (which may be a template itself), None if there is none. Literals win over parameters."""
    parts = segments(path)

    def walk(node, at):
        if at == len(parts):
            return node.get("")
        if not parts[at]:
            return None
        for child in (node.get(parts[at]), node.get(None)):
            found = walk(child, at + 1) if child is not None else None
            if found is not None:
                return found
        return None

    return walk(tree(), 0)


def operations():
    """(method, template, operation) of all, methods in capitals."""
    for template, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), template, item[method]


def operation(operation_id):
    """(method, template, operation) of one; KeyError if there is none."""
    for found in operations():
        if found[2]["operationId"] == operation_id:
            return found
    raise KeyError(operation_id)


def described(method, path):
    """What describes the answers: the operation, or `x-unmatched` for a path or method that has none."""
    template = match(path)
    item = document()["paths"].get(template, {})
    lower = "get" if method.upper() == "HEAD" else method.lower()
    return item.get(lower) or document()["x-unmatched"]


@functools.lru_cache(maxsize=None)
def compiled(operation_id, status):
    """The response of this status with references expanded, and the validator of its JSON (None if it has none)."""
    if operation_id is None:
        responses = document()["x-unmatched"]["responses"]
    else:
        responses = operation(operation_id)[2]["responses"]
    if str(status) not in responses:
        return None, None
    response = expand(responses[str(status)])
    media = response.get("content", {}).get("application/json")
    return response, Draft202012Validator(media["schema"]) if media else None


def check_headers(where, op, response, headers):
    for name, header in response.get("headers", {}).items():
        value = headers.get(name.lower())
        if value is None:
            if header.get("required"):
                raise Mismatch("%s: the header %s is missing" % (where, name))
        else:
            for trouble in Draft202012Validator(header["schema"]).iter_errors(value):
                raise Mismatch("%s: the header %s: %s" % (where, name, trouble.message))
    if "jeton-ignored-fields" in headers and op.get("x-unknown-fields") != "ignored":
        raise Mismatch("%s: Jeton-Ignored-Fields, where unknown fields are not ignored" % where)


def check_body(where, response, validator, headers, body):
    content = response.get("content")
    if not content:
        if body not in (None, "", b""):
            raise Mismatch("%s: a body where there is none" % where)
        return
    kind = (headers.get("content-type") or "").split(";")[0].strip().lower()
    if kind not in content:
        raise Mismatch("%s: Content-Type %r is not one of %s" % (where, kind, sorted(content)))
    if validator is None:
        return
    if isinstance(body, (str, bytes)):
        body = json.loads(body)
    trouble = next(validator.iter_errors(body), None)
    if trouble is not None:
        at = "/".join(str(step) for step in trouble.absolute_path)
        raise Mismatch("%s: the body at /%s: %s" % (where, at, trouble.message[:600]))


def validate(method, path, status, headers, body):
    """Raises Mismatch unless the document describes this answer. `path` is the template or the path that was asked;
    `headers` any mapping of names (in any case) to values; `body` parsed JSON, text or bytes."""
    op = described(method, path)
    where = "%s %s (%s) -> %d" % (method, path, op.get("operationId", "x-unmatched"), status)
    response, validator = compiled(op.get("operationId"), int(status))
    if response is None:
        raise Mismatch("%s: this status is not in the document; it has %s" % (where, sorted(op["responses"])))
    lower = {name.lower(): value for name, value in headers.items()}
    check_headers(where, op, response, lower)
    if method.upper() != "HEAD":
        check_body(where, response, validator, lower, body)
