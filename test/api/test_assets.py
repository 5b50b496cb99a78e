# SPDX-License-Identifier: Apache-2.0
"""The dashboard's page and files as browsers get them: guarded, cached, compressed, small, and from nowhere else."""

import gzip
import re

import pytest

from client import Client

PAGES = ["/", "/invitation", "/setup", "/reset"]
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
NAME = re.compile(r"[a-z]+\.[0-9A-Z]{8}\.(?:js|css|svg)")
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FIRST_VIEW_MAX = 60 * 1000  # compressed; the promise is 150 kB


def get(server, path, method="GET", **headers):
    return Client(server.base).ask(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def names_in(text):
    return set(NAME.findall(text))


@pytest.fixture(scope="module")
def files(server):
    """All that the page leads to, by name, as it is."""
    found, wanted = {}, names_in(get(server, "/").text)
    while wanted:
        name = wanted.pop()
        answer = get(server, "/assets/" + name)
        assert answer.status == 200, name
        found[name] = answer.raw
        wanted |= names_in(answer.text) - found.keys()
    return found


def guarded(answer):
    for name, value in GUARDS.items():
        assert answer.headers.get_all(name) == [value], name
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy == {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
        "connect-src": "'self'", "font-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "'none'"}
    allowed = [p.split("=")[0] for p in answer.headers["Permissions-Policy"].split(", ") if not p.endswith("=()")]
    assert allowed == ["clipboard-write"]


@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_guarded_and_asked_for_anew(server, path):
    """Goal: each place that a link leads to is the same page, under a policy that lets nothing in, never used without asking."""
    answer = get(server, path)
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers.get_all("Cache-Control") == ["no-cache"]
    assert answer.text == get(server, "/").text
    guarded(answer)
    guarded(get(server, path, If_None_Match=answer.headers["ETag"]))


def test_the_page_has_nothing_that_the_policy_forbids(server):
    """Goal: no script, style or handler stands in the page itself, and all that it names is beside it."""
    text = get(server, "/").text
    assert re.findall(r"<script\b(?![^>]*\bsrc=)[^>]*>", text) == [] and "<style" not in text
    assert re.findall(r"\s(?:on\w+|style)\s*=", text) == []
    named = re.findall(r"(?:src|href)=\"([^\"]*)\"", text)
    assert named and all(re.fullmatch("assets/" + NAME.pattern, n) for n in named), named


def test_files_are_kept_for_good(server, files):
    """Goal: each file has its type, is guarded, and may be kept as long as its name is known."""
    assert {n.rsplit(".", 1)[1] for n in files} == set(TYPES)
    for name in files:
        answer = get(server, "/assets/" + name)
        assert answer.headers["Content-Type"] == TYPES[name.rsplit(".", 1)[1]]
        assert answer.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
        guarded(answer)


@pytest.mark.parametrize("accepted, compressed", [("gzip", True), ("br, gzip;q=0.5", True), ("GZIP", True), ("*", True),
    ("deflate, *;q=0.1", True), ("identity", False), ("gzip;q=0", False), ("*, gzip;q=0.000", False), ("*;q=0", False), ("gzipped", False),
    ("", False), (", ,", False)])
def test_files_are_compressed_for_who_takes_that(server, files, accepted, compressed):
    """Goal: gzip by Accept-Encoding as RFC 9110 has it; the same bytes in the end, under a tag of their own."""
    for path in ["/", *("/assets/" + n for n in files)]:
        plain, answer = get(server, path), get(server, path, Accept_Encoding=accepted)
        assert (answer.headers["Content-Encoding"] == "gzip") is compressed, path
        assert (gzip.decompress(answer.raw) if compressed else answer.raw) == plain.raw
        assert answer.headers["Vary"] == "Accept-Encoding" and plain.headers["Vary"] == "Accept-Encoding"
        assert (answer.headers["ETag"] == plain.headers["ETag"]) is not compressed


def test_what_is_there_is_not_sent_again(server, files):
    """Goal: If-None-Match with the tag of what would be sent, in a list or weak or any, is 304 without a body; another is 200."""
    for path in ["/", "/assets/" + min(files)]:
        for encoding in ("identity", "gzip"):
            tag = get(server, path, Accept_Encoding=encoding).headers["ETag"]
            assert re.fullmatch(r'"[^"]+"', tag)
            for asked in (tag, "W/" + tag, '"x", %s' % tag, '"x",W/%s ,"y"' % tag, "*"):
                answer = get(server, path, Accept_Encoding=encoding, If_None_Match=asked)
                assert answer.status == 304 and answer.raw == b"" and answer.headers["ETag"] == tag, asked
                assert answer.headers["Content-Type"] is None and answer.headers["Content-Encoding"] is None
                assert answer.headers["Vary"] == "Accept-Encoding" and answer.headers["Cache-Control"] != "no-store"
            for asked in ('"x"', tag[:-1], tag.strip('"'), tag.upper() + "x", ""):
                assert get(server, path, Accept_Encoding=encoding, If_None_Match=asked).status == 200, asked
        other = get(server, path).headers["ETag"]
        assert get(server, path, Accept_Encoding="gzip", If_None_Match=other).status == 200, "the tag of another encoding"


def test_head_is_get_without_the_body(server, files):
    """Goal: HEAD tells what GET would."""
    for path in ["/", "/assets/" + min(files)]:
        head, whole = get(server, path, "HEAD"), get(server, path)
        assert head.status == 200 and head.raw == b"" and head.headers["Content-Length"] == str(len(whole.raw))
        for name in ("ETag", "Content-Type", "Cache-Control", "Content-Security-Policy"):
            assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", ["/index.html", "/dashboard", "/assets", "/assets/index.html", "/assets/main.js", "/assets/x/y",
    "/invitation/x", "/favicon.ico"])
def test_what_is_not_there_is_404_in_json(server, path):
    """Goal: no path but the dashboard's own gives the page, and a refusal is not kept."""
    answer = get(server, path).refused(404, "NOT_FOUND")
    assert answer.headers["Content-Type"] == "application/json" and answer.headers.get_all("Cache-Control") == ["no-store"]


def test_the_page_takes_no_method_but_get(server):
    """Goal: nothing can be posted to it."""
    for path in [*PAGES, "/assets/main.js"]:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            get(server, path, method).refused(405, "METHOD_NOT_ALLOWED")


def test_nothing_is_asked_of_elsewhere(files):
    """Goal: no file names another origin, and none makes code of text."""
    for name, raw in files.items():
        text = raw.decode("utf-8")
        elsewhere = {u for u in re.findall(r"(?:https?:|wss?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", text)
            if not u.startswith("http://www.w3.org/")}
        assert elsewhere == set(), name
        assert re.findall(r"\beval\(|\bnew Function\(|\bdocument\.write|@import|url\(", text) == [], name


def test_the_first_view_is_small(server, files):
    """Goal: page, scripts and styles of the first view are far below 150 kB compressed; what other pages need comes later."""
    page = get(server, "/", Accept_Encoding="gzip")
    text = gzip.decompress(page.raw).decode()
    first = names_in(text)
    size = len(page.raw) + sum(len(get(server, "/assets/" + n, Accept_Encoding="gzip").raw) for n in first)
    assert size < FIRST_VIEW_MAX, size
    assert files.keys() > first
    statically = set()
    for name in first:
        if name.endswith(".js"):
            statically |= set(re.findall(r"(?:from|import)\s*\"\./(%s)\"" % NAME.pattern, files[name].decode()))
    assert statically <= first, "all of it is named by the page, so that it comes at once"
