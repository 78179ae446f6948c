"""A provider of OpenID Connect that can be told to lie: what an honest one never does has to be refused as well."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jws, jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "station", "a-secret-of-the-station"


class LyingProvider:
    """``fault`` names what is wrong with its next answers; empty: nothing. It checks secret, redirection and PKCE."""

    def __init__(self) -> None:
        self.issuer = ""
        self.fault = ""
        self.claims: dict[str, Any] = {}
        self.key = _key("first")
        self._old = self.key
        self._codes: dict[str, dict[str, str]] = {}

    def change_key(self) -> None:
        """Sign by another key from now on."""
        self.key = _key(secrets.token_hex(4))

    def app(self) -> Flask:
        app = Flask("lying-provider")
        app.add_url_rule("/.well-known/openid-configuration", "about", self._about)
        app.add_url_rule("/jwks", "jwks", lambda: jsonify(KeySet([self.key]).as_dict()))
        app.add_url_rule("/authorize", "authorize", self._authorize)
        app.add_url_rule("/token", "token", self._token, methods=["POST"])
        return app

    def _about(self) -> Response:
        said = {name: f"{self.issuer}/{name.split('_')[0]}" for name in ("authorization_endpoint", "token_endpoint")}
        said |= {"authorization_endpoint": f"{self.issuer}/authorize", "jwks_uri": f"{self.issuer}/jwks"}
        if self.fault == "token in the clear":
            said["token_endpoint"] = "http://provider.example/token"
        issuer = "https://another.example" if self.fault == "calls itself another" else self.issuer
        return jsonify(said | {"issuer": issuer})

    def _authorize(self) -> Any:
        asked = request.args.to_dict()
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        state = asked["state"] + ("x" if self.fault == "state" else "")
        answer = {"error": "access_denied"} if self.fault == "denied" else {"code": code}
        return redirect(f"{asked['redirect_uri']}?{urlencode(answer | {'state': state})}")

    def _token(self) -> Any:
        form, pair = request.form, request.authorization
        begun = self._codes.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        right = (
            begun is not None
            and pair is not None
            and (pair.username, pair.password) == (CLIENT, SECRET)
            and (begun["redirect_uri"], begun["code_challenge"]) == (form["redirect_uri"], proof)
        )
        if not right or begun is None or self.fault == "code refused":
            return jsonify({"error": "invalid_grant"}), 400
        if self.fault == "no ID token":
            return jsonify({"access_token": "a"})
        if self.fault == "no JSON":
            return Response("<html>", mimetype="text/html")
        return jsonify({"access_token": "a", "token_type": "Bearer", "id_token": self._id_token(begun["nonce"])})

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= self.claims
        claims |= {
            "nonce": {"nonce": "another"},
            "no nonce": {"nonce": None},
            "audience": {"aud": "another"},
            "audiences": {"aud": [CLIENT, "another"]},
            "party": {"azp": "another"},
            "issuer": {"iss": "https://another.example"},
            "expired": {"exp": now - 90},
            "no end": {"exp": None},
            "of the future": {"iat": now + 3600},
            "nobody": {"sub": ""},
            "subject is no text": {"sub": 7},
        }.get(self.fault, {})
        header = {"alg": "RS256", "kid": self.key.kid}
        match self.fault:
            case "alg none":
                return jwt.encode(header | {"alg": "none"}, claims, OctKey.import_key("x" * 32), algorithms=["none"])
            case "public key as a secret":
                public = OctKey.import_key(self.key.as_pem(private=False))
                return jwt.encode(header | {"alg": "HS256"}, claims, public, algorithms=["HS256"])
            case "key of nobody":
                return jwt.encode(header, claims, _key(str(self.key.kid)))
            case "key of before":
                return jwt.encode(header | {"kid": "first"}, claims, self._old)
            case "no claims":
                return jws.serialize_compact(header, b"[]", self.key)
            case "no token":
                return "a.b"
        return jwt.encode(header, claims, self.key)


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """One that is running on the loopback."""
    provider = LyingProvider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)
