"""How a new dog gets its identity: with a one-time code, in one step. Its private key never leaves it.

The code has two parts: a secret for the station, and behind the dash the fingerprint of the station's authority for
the dog. So neither has to trust the network between them.
"""

import hashlib
import ssl
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edge.link import identity
from edge.link.identity import About, Identity, write_identity

TIMEOUT_S = 15.0
PIN = 32  # hexadecimal digits of the authority's SHA-256


class NotEnrolled(RuntimeError):
    """The station did not take the dog in, or is not the station; the text says why."""


def enrol(station: str, code: str, folder: Path) -> Identity:
    """Enrol at ``station`` (https://host:port) with ``code``, into ``folder``; raises NotEnrolled.

    An identity that is there already is replaced only when the new one is complete.
    """
    secret, _, pin = code.strip().partition("-")
    if len(pin) != PIN or not secret:
        raise NotEnrolled("the code is not whole: it is SECRET-FINGERPRINT, as `xiaotian fleet invite` prints it")
    if not station.startswith("https://"):
        raise NotEnrolled(f"{station}: a station is reached by https:// alone")
    authority = _authority(station, pin)
    key = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dog")])  # the station names it, by the code
    )
    request = asked.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    answer = _ask(station, authority, secret, request.decode())
    about = About(
        manufacturer=answer["manufacturer"],
        name=answer["name"],
        mqtt_prefix=answer["prefix"],
        mqtt_host=answer["mqttHost"],
        mqtt_port=int(answer["mqttPort"]),
        server_url=station.rstrip("/"),
    )
    parts = {
        identity.KEY: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        identity.CERTIFICATE: answer["certificate"].encode(),
        identity.AUTHORITY: authority,
        identity.STATION_KEY: answer["stationKey"].encode(),
        identity.UPLOAD_TOKEN: answer["uploadToken"].encode(),
    }
    return write_identity(folder, about, parts)


def _authority(station: str, pin: str) -> bytes:
    """The station's authority, fetched from whoever answers, and believed by its fingerprint alone."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    text = _get(station, blind)
    try:
        found = x509.load_pem_x509_certificate(text).public_bytes(Encoding.DER)
    except ValueError as error:
        raise NotEnrolled(f"{station} is no station: {error}") from error
    if hashlib.sha256(found).hexdigest()[:PIN] != pin.lower():
        raise NotEnrolled(f"{station} is not the station that gave this code; somebody may stand between")
    return text


def _get(station: str, context: ssl.SSLContext) -> bytes:
    try:
        with httpx.Client(verify=context, timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.get(f"{station}/api/v1/enrolment/authority")
    except httpx.HTTPError as error:
        raise NotEnrolled(f"{station}: {error}") from error
    if answer.is_error:
        raise NotEnrolled(f"{station}: {answer.status_code} {answer.text[:200]}")
    return answer.content


def _ask(station: str, authority: bytes, secret: str, request: str) -> dict[str, str]:
    context = ssl.create_default_context(cadata=authority.decode())
    try:
        with httpx.Client(verify=context, timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.post(f"{station}/api/v1/enrolment", json={"code": secret, "request": request})
    except httpx.HTTPError as error:
        raise NotEnrolled(f"{station}: {error}") from error
    if answer.is_error:
        raise NotEnrolled(f"{station} does not take the dog in: {answer.status_code} {answer.text[:200]}")
    given: dict[str, str] = answer.json()
    return given
