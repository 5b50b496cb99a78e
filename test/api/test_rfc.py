# SPDX-License-Identifier: Apache-2.0
"""Every MUST of RFC 7662, 7009, 6750 and 8414: what applies to us is shown, row by row; what does not says why."""

import collections
import json
import os
import re
import shutil
import ssl
import subprocess
import urllib.parse
import urllib.request

import pytest

import npm_packages

from client import API, Client, eventually
from oauth import FORM, INTROSPECT, METADATA, REVOKE, basic, introspect, post, revoke

DEAD = {"active": False}
NPM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "npm")


class World:
    """An org with one of each sort, shared by all rows; what a row kills it makes itself."""

    def __init__(self, server, org, other, tls):
        self.server, self.base, self.org, self.other, self.tls = server, server.base, org, other, tls
        self.eyes = org.issue(role_id=org.role({"tokens:introspect"}))
        self.bearer = "Bearer " + self.eyes["value"]
        self.weak = org.issue("ci")
        self.live = org.issue("ci")["value"]
        team = org.team()
        self.narrow = org.issue(role_id=org.role({"tokens:introspect", "findings:list"}), teams=[team])
        self.old = None
        self.elsewhere = org.issue("ci", teams=[org.team()])["value"]

    def introspect(self, token, **more):
        return introspect(self.org, self.eyes["value"], token, **more)

    def bare(self, method, path, token=None, **headers):
        """A request of no particular sort; the answer without the checks of /api/v4."""
        client = Client(self.base)
        if token:
            headers["Authorization"] = "Bearer " + token
        answer = client.send(method, path, None, headers)
        client.close()
        return answer

    def revoked(self):
        made = self.org.issue("ci")["value"]
        revoke(self.org, made)
        return made

    def expired(self):
        """One for all: it takes a second to make."""
        if self.old is None:
            self.old = self.org.issue("ci", valid_for_seconds=1)["value"]
            eventually(lambda: self.introspect(self.old) == DEAD, "it expires")
        return self.old

    def metadata(self, server=None):
        return Client((server or self.server).base).get(METADATA)

    def challenges(self):
        """WWW-Authenticate of a refusal of each sort, at the API, at /verify and at introspection."""
        wanted = API + "/orgs/%s/tokens" % self.org.id
        verify = "/verify?org=%s&scope=tokens:list" % self.org.id
        out = []
        for path in (wanted, verify):
            for token in (None, "nonsense", self.expired(), self.weak["value"]):
                out.append(self.bare("GET", path, token))
        for who in (None, "Bearer x", "Bearer " + self.weak["value"]):
            out.append(post(self.base, INTROSPECT, {"token": self.live}, who))
        assert {a.status for a in out} == {401, 403}
        return [a.headers.get_all("WWW-Authenticate") or [] for a in out]


# ---- RFC 7662: introspection


def needs_authorization(w):
    assert post(w.base, INTROSPECT, {"token": w.live}).status == 401
    assert post(w.base, INTROSPECT, {"token": w.live}, "Bearer " + w.weak["value"]).status == 403
    assert w.introspect(w.live)["active"] is True


def searches_beyond_the_hint(w):
    for hint in ("refresh_token", "access_token", "pat", "?"):
        assert w.introspect(w.live, token_type_hint=hint)["active"] is True


def active_is_required(w):
    for token in (w.live, "x"):
        answer = post(w.base, INTROSPECT, {"token": token}, w.bearer)
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json["active"], bool)


def members_have_their_types(w):
    said = w.introspect(w.live)
    assert re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*", said["scope"])
    assert all(isinstance(said[k], str) for k in ("client_id", "token_type", "sub", "iss", "jti"))
    assert isinstance(said["iat"], int) and said["token_type"] == "Bearer"
    assert isinstance(w.introspect(w.org.issue("ci", valid_for_seconds=60)["value"])["exp"], int)


def inactive_is_false(w):
    assert w.introspect("never was") == DEAD
    assert w.introspect(w.revoked()) == DEAD
    assert introspect(w.other, w.other.token, w.live) == DEAD
    assert introspect(w.org, w.narrow["value"], w.elsewhere) == DEAD


def inactive_is_no_error(w):
    for token in ("x", w.revoked(), w.other.token):
        answer = post(w.base, INTROSPECT, {"token": token}, w.bearer)
        assert answer.status == 200 and answer.json == DEAD


def checks_all(w):
    made = w.org.issue("ci", valid_for_seconds=3600)
    assert w.introspect(made["value"])["active"] is True
    w.org.owner.delete("O/tokens/" + made["id"]).ok()
    assert w.introspect(made["value"]) == DEAD
    assert w.introspect(w.expired()) == DEAD
    user = w.org.user("MEMBER")
    w.org.owner.patch("O/rbac/users/" + user.id, {"disabled": True}).ok()
    assert w.introspect(user.token) == DEAD


def checks_expiry(w):
    assert w.introspect(w.expired()) == DEAD


def checks_revocation(w):
    assert w.introspect(w.revoked()) == DEAD


def checks_where_it_is_used(w):
    assert introspect(w.other, w.other.token, w.live) == DEAD
    assert introspect(w.org, w.narrow["value"], w.elsewhere) == DEAD


def understands_all_values(w):
    """Every kind, rotated ones and both values of an overlap."""
    user = w.org.user("MEMBER")
    for token in [user.token] + [w.org.issue(kind)["value"] for kind in ("ci", "github", "jira", "access", "service")]:
        assert w.introspect(token)["active"] is True
    made = w.org.issue("ci")
    after = w.org.owner.post("O/tokens/%s/rotate" % made["id"], {"overlap_seconds": 600}).ok()
    assert w.introspect(made["value"])["active"] and w.introspect(after["value"])["active"]


def bad_basic_is_401(w):
    answer = post(w.base, INTROSPECT, {"token": w.live}, basic(w.eyes["id"], w.eyes["value"] + "x"))
    assert answer.status == 401 and answer.json["error"] == "invalid_client"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def bad_bearer_is_401(w):
    answer = post(w.base, INTROSPECT, {"token": w.live}, "Bearer x")
    assert answer.status == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def tells_nobody_else(w):
    user = w.org.user("MEMBER")
    assert w.introspect(user.token)["username"] == user.email
    for caller in (w.other.token, w.narrow["value"]):
        org = w.other if caller == w.other.token else w.org
        assert user.email not in json.dumps(introspect(org, caller, w.elsewhere))
    assert introspect(w.other, w.other.token, user.token) == DEAD
    assert post(w.base, INTROSPECT, {"token": user.token}, w.bearer).headers["Cache-Control"] == "no-store"


# ---- TLS, for all of them


def over_tls(w, path, form=None, authorization=None, version=None):
    context = ssl.create_default_context(cafile=w.tls.certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    data = urllib.parse.urlencode(form).encode() if form else None
    head = {"Content-Type": FORM, **({"Authorization": authorization} if authorization else {})}
    with urllib.request.urlopen(urllib.request.Request(w.tls.base + path, data, head), context=context, timeout=30) as answer:
        return json.loads(answer.read())


def speaks_tls(w):
    org = w.tls.demo_over_tls()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        said = over_tls(w, INTROSPECT, {"token": org["token"]}, "Bearer " + org["token"], version)
        assert said["active"] is True
        assert over_tls(w, REVOKE, {"token": "x"}, version=version) == {}
        assert over_tls(w, METADATA, version=version)["issuer"] == w.tls.base
    plain = Client(w.tls.base.replace("https:", "http:"))
    with pytest.raises(Exception):
        plain.get(METADATA)


def published_urls_are_https(w):
    said = over_tls(w, METADATA)
    assert all(said[k].startswith("https://") for k in ("issuer", "revocation_endpoint", "introspection_endpoint"))


# ---- RFC 7009: revocation


def revokes_at_once(w):
    made = w.org.issue("ci")["value"]
    assert w.org.client(made).works()
    revoke(w.org, made)
    assert not w.org.client(made).works() and w.introspect(made) == DEAD
    assert w.bare("GET", "/verify?org=" + w.org.id, made).status == 401


def revokes_beyond_the_hint(w):
    for hint in ("refresh_token", "?"):
        made = w.org.issue("ci")["value"]
        revoke(w.org, made, token_type_hint=hint)
        assert not w.org.client(made).works()


def invalid_is_200(w):
    dead = w.revoked()
    for token in ("never was", dead, w.expired()):
        assert post(w.base, REVOKE, {"token": token}).status == 200


def token_is_required(w):
    for path, who in ((REVOKE, None), (INTROSPECT, w.bearer)):
        answer = post(w.base, path, {"token_type_hint": "access_token"}, who)
        assert answer.status == 400 and answer.json["error"] == "invalid_request"


def related_die_too(w):
    made = w.org.issue("ci")
    after = w.org.owner.post("O/tokens/%s/rotate" % made["id"], {"overlap_seconds": 600}).ok()
    revoke(w.org, made["value"])
    assert not w.org.client(after["value"]).works()


def guessing_is_throttled(w):
    answers = {post(w.tls.plain.base, REVOKE, {"token": "guess %d" % n}).status for n in range(70)}
    assert answers == {200, 429}


# ---- RFC 6750: bearer tokens


def takes_the_header(w):
    assert w.bare("GET", API + "/orgs/%s/my_scopes" % w.org.id, w.live).status == 200


def one_method_only(w):
    path = "/verify?org=" + w.org.id
    assert w.bare("GET", path, w.live).status == 204
    assert w.bare("GET", path + "&access_token=" + w.live, w.live).status == 400
    answer = post(w.base, INTROSPECT, {"token": w.live}, w.bearer + ", " + w.bearer)
    assert answer.status == 401


def challenge_is_there(w):
    assert all(len(found) >= 1 for found in w.challenges())


def scheme_is_bearer(w):
    for found in w.challenges():
        assert re.match(r"Bearer [a-z_]+=\"", found[0]), found
        assert all(c.startswith("Basic ") for c in found[1:]), "another scheme is another challenge"


def attribute_once(name):
    def row(w):
        for found in w.challenges():
            assert all(len(re.findall(r"\b%s=" % name, c)) <= 1 for c in found), found
        said = [c for found in w.challenges() for c in found]
        assert name in ("error_description", "error_uri") or any(name + "=" in c for c in said)
    return row


def scope_characters(w):
    found = [re.search(r'scope="([^"]*)"', c) for all_of in w.challenges() for c in all_of]
    named = [m.group(1) for m in found if m]
    assert named and all(re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", text) for text in named)


def error_characters(w):
    found = [m for all_of in w.challenges() for c in all_of for m in re.findall(r'error(?:_description)?="([^"]*)"', c)]
    assert found and all(re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", text) for text in found)


def codes_have_their_status(w):
    path = "/verify?org=%s&scope=tokens:list" % w.org.id
    for token, status, error in (("x", 401, "invalid_token"), (w.weak["value"], 403, "insufficient_scope")):
        answer = w.bare("GET", path, token)
        assert answer.status == status and 'error="%s"' % error in answer.headers["WWW-Authenticate"]
    assert "error" not in w.bare("GET", path).headers["WWW-Authenticate"]
    assert w.bare("GET", "/verify", w.live).status == 400


def no_bearer_in_cookies(w):
    for path in ("/verify?org=" + w.org.id, API + "/user", METADATA, "/healthz"):
        assert w.bare("GET", path, w.org.token).headers["Set-Cookie"] is None
    assert w.bare("GET", "/verify?org=" + w.org.id, None, Cookie="token=" + w.org.token).status == 401


def values_cannot_be_guessed(w):
    values = [w.org.issue("ci")["value"] for _ in range(50)]
    parts = [v[5:-6] for v in values]
    assert all(re.fullmatch(r"[0-9A-Za-z]{32}", p) for p in parts)  # 190 bits
    assert all(len({p[i] for p in parts}) > 15 for i in range(32))


def values_cannot_be_changed(w):
    for at in (5, 20, len(w.live) - 1):
        changed = w.live[:at] + ("0" if w.live[at] != "0" else "1") + w.live[at + 1:]
        assert w.introspect(changed) == DEAD


# ---- RFC 8414: metadata


def document_is_there(w):
    answer = w.bare("GET", METADATA)
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert isinstance(answer.json, dict)


def get_only(w):
    assert w.bare("POST", METADATA).status == 405 and w.bare("GET", METADATA).status == 200


def required_members(w):
    said = w.metadata().json
    assert {"issuer", "response_types_supported"} <= set(said)
    assert not {"authorization_endpoint", "token_endpoint", "jwks_uri", "grant_types_supported"} & set(said)
    issuer = urllib.parse.urlsplit(over_tls(w, METADATA)["issuer"])
    assert issuer.scheme == "https" and not issuer.query and not issuer.fragment


def issuer_has_no_query(w):
    from serving import JETON, environment
    for url in ("https://a.example/?x", "https://a.example/#x"):
        done = subprocess.run([JETON, "serve", "--data", w.tls.plain.data, "--listen", "127.0.0.1:0", "--public-url", url],
            capture_output=True, text=True, timeout=30, env=environment())
        assert done.returncode in (2, 3) and done.stderr


def nothing_empty_but_what_is_required(w):
    said = w.metadata().json
    assert [k for k, v in said.items() if v in ([], "", {})] == ["response_types_supported"]
    assert all(isinstance(v, (str, list)) for v in said.values())


def issuer_is_identical(w):
    assert w.metadata().json["issuer"] == w.base
    assert over_tls(w, METADATA)["issuer"] == w.tls.base


def metadata_is_true(w):
    said = w.metadata().json
    assert said["introspection_endpoint"] == w.base + INTROSPECT and said["revocation_endpoint"] == w.base + REVOKE
    assert set(said["introspection_endpoint_auth_methods_supported"]) == {"client_secret_basic", "Bearer"}
    for who in (basic(w.eyes["id"], w.eyes["value"]), w.bearer):
        assert post(w.base, INTROSPECT, {"token": w.live}, who).json["active"] is True
    assert said["revocation_endpoint_auth_methods_supported"] == ["none"]
    made = w.org.issue("ci")["value"]
    assert post(w.base, REVOKE, {"token": made}).status == 200 and not w.org.client(made).works()


def plain_text_comparison(w):
    answer = w.bare("GET", METADATA)
    assert answer.text == answer.raw.decode("ascii") and "\\" not in answer.text


Row = collections.namedtuple("Row", "rfc section sentence how")  # how: a function that shows it, or why it does not apply
CLIENT = "binds the client"

ROWS = [
    Row(7662, "2", "the introspection endpoint MUST be protected by a transport-layer security mechanism", speaks_tls),
    Row(7662, "2.1", "token REQUIRED", token_is_required),
    Row(7662, "2.1", "unable to locate the token using the hint, it MUST extend its search across all token types",
        searches_beyond_the_hint),
    Row(7662, "2.1", "to prevent token scanning, the endpoint MUST also require some form of authorization", needs_authorization),
    Row(7662, "2.2", "a JSON object in application/json; active REQUIRED, boolean", active_is_required),
    Row(7662, "2.2", "the members have the types that are defined", members_have_their_types),
    Row(7662, "2.2", "not active, not on this server or not allowed to introspect it: MUST return active false", inactive_is_false),
    Row(7662, "2.2", "exp: the response MUST NOT be cached beyond the time indicated", CLIENT),
    Row(7662, "2.3", "client credentials invalid: 401 as in RFC 6749, 5.2", bad_basic_is_401),
    Row(7662, "2.3", "bearer token invalid: 401 as in RFC 6750, 3", bad_bearer_is_401),
    Row(7662, "2.3", "a query for a token that is not active is no error: MUST respond with active false", inactive_is_no_error),
    Row(7662, "3.1", "names registered MUST be ...", "binds IANA and those who register names; org, kind and teams are private names"),
    Row(7662, "4", "MUST require authentication of protected resources that access the endpoint", needs_authorization),
    Row(7662, "4", "MUST perform all applicable checks against a token's state", checks_all),
    Row(7662, "4", "can expire: MUST determine whether or not it has", checks_expiry),
    Row(7662, "4", "can be issued before it may be used: MUST determine whether its period has started",
        "no token is issued for a later time"),
    Row(7662, "4", "can be revoked: MUST determine whether it was", checks_revocation),
    Row(7662, "4", "has been signed: MUST validate the signature", "values are references, not signed statements"),
    Row(7662, "4", "only at certain resource servers: MUST determine whether at this one", checks_where_it_is_used),
    Row(7662, "4", "MUST support TLS 1.2", speaks_tls),
    Row(7662, "4", "the client MUST perform a TLS server certificate check", CLIENT),
    Row(7662, "4", "MUST be able to understand the token values being presented", understands_all_values),
    Row(7662, "5", "with privacy-sensitive information, measures MUST be taken to prevent disclosure", tells_nobody_else),
    Row(7009, "2", "implementations MUST support the revocation of refresh tokens", "there are no refresh tokens here"),
    Row(7009, "2", "the client MUST verify that the URL is an HTTPS URL", CLIENT),
    Row(7009, "2", "URLs for revocation endpoints MUST be HTTPS URLs", published_urls_are_https),
    Row(7009, "2", "the authorization server MUST use TLS", speaks_tls),
    Row(7009, "2", "MUST NOT publish the HTTP URI as a revocation endpoint", published_urls_are_https),
    Row(7009, "2.1", "token REQUIRED", token_is_required),
    Row(7009, "2.1", "unable to locate the token using the hint, it MUST extend its search", revokes_beyond_the_hint),
    Row(7009, "2.1", "the invalidation takes place immediately; the token cannot be used again", revokes_at_once),
    Row(7009, "2.1", "may cause the revocation of related tokens", related_die_too),
    Row(7009, "2.1", "validates the client credentials (in case of a confidential client)",
        "there are no confidential clients: the endpoint's method is `none`, possession is the authority (API.md)"),
    Row(7009, "2.2", "200 if revoked or if the token was invalid", invalid_is_200),
    Row(7009, "2.3", "JSONP: MUST ...", "JSONP and CORS are not supported"),
    Row(7009, "5", "countermeasures against denial of service MUST be applied to the revocation endpoint", guessing_is_throttled),
    Row(6750, "2", "clients MUST NOT use more than one method in each request (we refuse it)", one_method_only),
    Row(6750, "2.1", "resource servers MUST support the Authorization header", takes_the_header),
    Row(6750, "2.2", "form-encoded body: MUST NOT unless ...", "this method is not supported, as the section allows"),
    Row(6750, "2.3", "URI query parameter: MUST NOT unless ...", "this method is not supported, as the section advises"),
    Row(6750, "3", "no credentials, or none that enable access: MUST include WWW-Authenticate", challenge_is_there),
    Row(6750, "3", "all challenges MUST use the auth-scheme Bearer", scheme_is_bearer),
    Row(6750, "3", "the scheme MUST be followed by one or more auth-params", scheme_is_bearer),
    Row(6750, "3", "realm MUST NOT appear more than once", attribute_once("realm")),
    Row(6750, "3", "scope MUST NOT appear more than once", attribute_once("scope")),
    Row(6750, "3", "error MUST NOT appear more than once", attribute_once("error")),
    Row(6750, "3", "error_description MUST NOT appear more than once", attribute_once("error_description")),
    Row(6750, "3", "error_uri MUST NOT appear more than once", attribute_once("error_uri")),
    Row(6750, "3", "scope MUST NOT include characters outside %x21, %x23-5B, %x5D-7E and blanks", scope_characters),
    Row(6750, "3", "error and error_description MUST NOT include characters outside %x20-21, %x23-5B, %x5D-7E", error_characters),
    Row(6750, "3", "error_uri MUST conform to URI-reference", "error_uri is not sent"),
    Row(6750, "3.1", "invalid_request 400, invalid_token 401, insufficient_scope 403; no code without credentials",
        codes_have_their_status),
    Row(6750, "4", "token responses MUST ...", "there is no token endpoint"),
    Row(6750, "5.2", "integrity protection MUST prevent the token from being modified", values_cannot_be_changed),
    Row(6750, "5.2", "references MUST be infeasible for an attacker to guess", values_cannot_be_guessed),
    Row(6750, "5.2", "authorization servers MUST implement TLS", speaks_tls),
    Row(6750, "5.2", "confidentiality protection MUST be applied using TLS", speaks_tls),
    Row(6750, "5.2", "the client MUST validate the TLS certificate chain", CLIENT),
    Row(6750, "5.2", "bearer tokens MUST NOT be stored in cookies that can be sent in the clear", no_bearer_in_cookies),
    Row(6750, "5.2", "behind a load balancer, measures MUST ensure confidentiality between front end and back end",
        "binds who runs it; for the host itself there is --verify-listen"),
    Row(6750, "5.3", "client implementations MUST ensure that bearer tokens are not leaked", CLIENT),
    Row(6750, "5.3", "clients MUST always use TLS, and MUST validate certificate chains", CLIENT),
    Row(6750, "5.3", "implementations MUST NOT store bearer tokens within cookies", no_bearer_in_cookies),
    Row(8414, "2", "issuer REQUIRED: https, no query, no fragment", required_members),
    Row(8414, "2", "issuer: no query, no fragment (none is taken)", issuer_has_no_query),
    Row(8414, "2", "authorization_endpoint REQUIRED unless no grant types are supported that use it", required_members),
    Row(8414, "2", "token_endpoint REQUIRED unless only the implicit grant is supported",
        "no grant at all is supported: there is nothing to ask a token endpoint for"),
    Row(8414, "2", "response_types_supported REQUIRED", required_members),
    Row(8414, "2", "..._signing_alg_values_supported MUST be present for private_key_jwt and client_secret_jwt",
        "these methods are not supported"),
    Row(8414, "2", "what is published is supported", metadata_is_true),
    Row(8414, "2.1", "signed_metadata MUST be signed, MUST contain iss ...", "there is no signed metadata"),
    Row(8414, "3", "MUST make a JSON document available at the well-known path", document_is_there),
    Row(8414, "3", "the path MUST use the https scheme", speaks_tls),
    Row(8414, "3", "another well-known string MUST be registered", "the default one is used"),
    Row(8414, "3.1", "MUST be queried using an HTTP GET", get_only),
    Row(8414, "3.1", "a terminating / of the issuer's path MUST be removed before inserting", CLIENT),
    Row(8414, "3.2", "a successful response MUST be 200 with a JSON object in application/json", document_is_there),
    Row(8414, "3.2", "claims with zero elements MUST be omitted (but for response_types_supported, which section 2 requires)",
        nothing_empty_but_what_is_required),
    Row(8414, "3.3", "issuer MUST be identical to the one that the URL was made from", issuer_is_identical),
    Row(8414, "3.3", "if it is not identical, the data MUST NOT be used", CLIENT),
    Row(8414, "4", "strings MUST be compared code point by code point, without normalization", plain_text_comparison),
    Row(8414, "6.1", "MUST support TLS 1.2", speaks_tls),
    Row(8414, "6.1", "the client MUST perform a TLS server certificate check", CLIENT),
    Row(8414, "6.2", "the client MUST ensure that the issuer is the one that it asked for", CLIENT),
]


class Tls:
    """A server with a certificate of its own, and one beside it without for whoever would spoil the shared one."""

    def __init__(self, root):
        from serving import Server
        self.certificate, key = os.path.join(root, "cert.pem"), os.path.join(root, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            key, "-out", self.certificate, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True)
        self.server, self.plain = Server(), Server()
        self.server.start("--tls-cert", self.certificate, "--tls-key", key)
        self.plain.start()
        self.base = self.server.base

    def demo_over_tls(self):
        return self.server.first

    def end(self):
        for server in (self.server, self.plain):
            server.stop()
            server.remove()


@pytest.fixture(scope="module")
def world(server, pool, tmp_path_factory):
    tls = Tls(str(tmp_path_factory.mktemp("tls")))
    try:
        yield World(server, pool.take(), pool.take(), tls)
    finally:
        tls.end()


APPLIES = [row for row in ROWS if callable(row.how)]


@pytest.mark.parametrize("row", APPLIES, ids=["RFC%d-%s-%s" % (r.rfc, r.section, r.how.__name__) for r in APPLIES])
def test_must(world, row):
    """Goal: the row's sentence holds."""
    row.how(world)


def test_what_does_not_apply_says_why():
    """Goal: no row is left out in silence, and each RFC is there."""
    assert {row.rfc for row in ROWS} == {7662, 7009, 6750, 8414}
    assert all(isinstance(row.how, str) and len(row.how) > 10 for row in ROWS if not callable(row.how))
    assert len(APPLIES) >= 50


# ---- the same through clients that others wrote


@pytest.fixture(scope="module")
def packages():
    """The locked npm packages, and the program that uses them beside them."""
    place = npm_packages.installed(NPM)
    shutil.copy(os.path.join(NPM, "oauth.mjs"), place)
    return place


@pytest.fixture(scope="module")
def found(world, packages):
    facts = {"issuer": world.base, "id": world.eyes["id"], "secret": world.eyes["value"],
        "weak": {"id": world.weak["id"], "secret": world.weak["value"]}, "live": world.live,
        "dead": ["never was", world.revoked(), world.other.token],
        "kill": [world.org.issue("ci")["value"] for _ in range(2)]}
    done = subprocess.run(["node", "oauth.mjs"], cwd=packages, input=json.dumps(facts), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert not any(world.org.client(value).works() for value in facts["kill"])
    return said


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
def test_clients_that_others_wrote(world, found, library):
    """Goal: discovery, introspection as HTTP Basic and revocation work with each library as it is, and each tells our refusals
    from failures."""
    said = found[library]
    assert said["metadata"]["issuer"] == world.base
    assert said["live"]["active"] is True and said["live"]["kind"] == "ci"
    assert said["dead"] == [DEAD] * 3
    assert said["wrongSecret"].get("status") == 401
    assert said["weak"].get("status") == 403
    assert said["revoked"] == ["revoked"] * 3
    assert said["afterwards"] == DEAD
