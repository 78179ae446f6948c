"""An ID token, held against the keys of who says to have signed it (RFC 7515, 7517, 7519)."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

# What a provider signs with by a private key: neither `none` nor HMAC, whose key would be one that others have too.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


class Unsigned(ValueError):
    """None of these keys has signed it, or it is no token; the text says why."""


class UnreadableKeys(ValueError):
    """No set of keys; the text says why."""


def signed_claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """What a token says that one of ``keys``, a JWK set, has signed; raises Unsigned or UnreadableKeys."""
    try:
        key_set = KeySet.import_key_set(keys)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise UnreadableKeys(str(error)) from error
    try:
        return dict(jwt.decode(token, key_set, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unsigned(f"{type(error).__name__}: {error}") from error
