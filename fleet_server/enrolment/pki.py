"""The station's own certificate authority: X.509 with P-256 keys, as every TLS library speaks it."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS, STATION_DAYS, DOG_DAYS = 3650, 825, 825
EARLY = dt.timedelta(days=1)  # certificates are valid from a day before: a dog's clock may be behind
WITHIN = 2048  # bytes of a request to sign; an honest one has a quarter


class BadRequest(ValueError):
    """A request for a certificate that cannot be signed; the text says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def make_authority(name: str, now: dt.datetime) -> Pair:
    """A new certificate authority that can sign for leaves alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"{name} certificate authority")
    builder = _builder(subject, subject, key.public_key(), now, AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), _pem(key))


def make_server(authority: Pair, hosts: Sequence[str], now: dt.datetime) -> Pair:
    """A certificate for the broker and the fleet server, under all of ``hosts`` (names or addresses)."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    usage = [ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = _sign(authority, _name(hosts[0]), key.public_key(), now, STATION_DAYS, usage, names)
    return Pair(certificate, _pem(key))


def make_client(authority: Pair, name: str, now: dt.datetime) -> Pair:
    """A certificate by which somebody called ``name`` may speak to the broker."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH]
    return Pair(_sign(authority, _name(name), key.public_key(), now, STATION_DAYS, usage, None), _pem(key))


def sign_request(authority: Pair, request: bytes, name: str, serial: int, now: dt.datetime) -> bytes:
    """A client's certificate (PEM) for the key in ``request``, under ``name`` whatever the request says; BadRequest."""
    if len(request) > WITHIN:
        raise BadRequest(f"a request of {len(request)} bytes is none")
    try:
        asked = x509.load_pem_x509_csr(request)
        proven, key = asked.is_signature_valid, asked.public_key()
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise BadRequest(f"the request cannot be read: {error}") from error
    if not proven or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise BadRequest("the request must be signed with a P-256 key of its own")
    return _sign(authority, _name(name), key, now, DOG_DAYS, [ExtendedKeyUsageOID.CLIENT_AUTH], None, serial)


def new_serial() -> int:
    """A serial number that no certificate has."""
    return x509.random_serial_number()


def fingerprint(certificate: bytes) -> str:
    """The SHA-256 of a PEM certificate, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()


def _sign(
    authority: Pair,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    days: int,
    usage: Sequence[x509.ObjectIdentifier],
    names: x509.SubjectAlternativeName | None,
    serial: int | None = None,
) -> bytes:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = load_pem_private_key(authority.key, None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise BadRequest("the authority's key is of another kind than P-256")
    builder = _builder(subject, issuer.subject, key, now, days, serial)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    days: int,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial or new_serial())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
