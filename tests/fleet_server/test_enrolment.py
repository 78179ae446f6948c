"""Who belongs to the fleet: codes, certificates, revocation, and the folder of keys. No broker here."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fastapi.testclient import TestClient

from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import About, BadFolder, FleetFolder
from fleet_server.core.settings import Settings
from fleet_server.enrolment.admission import Admission
from fleet_server.enrolment.fleet_setup import init
from fleet_server.enrolment.identities import (
    CODE_LIVES,
    UnknownCode,
    UnknownDog,
    enrol,
    invite,
    owner_of,
    revoke,
)
from fleet_server.enrolment.mosquitto import PLUGIN, admission, expulsion
from fleet_server.enrolment.pki import BadRequest, make_authority, sign_request
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from protocol.topics import TABLE, Address, Topic
from tests.fleet_server.world import database_in, hear, serving, settings, sign_in
from xiaotian.local_stack import free_port

NOW = utc_now()
DOG = Address("xiaotian", "dog7")
AUTHORITY = make_authority("Test", NOW)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = database_in(tmp_path)
    migrate(made.engine)
    return made


def request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None, name: str = "admin") -> bytes:
    made = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    return made.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.PEM)


def test_a_certificate_bears_the_invited_name_whatever_the_request_says(database: Database) -> None:
    with database.write() as session:
        code = invite(session, DOG, NOW, "admin")
        made = enrol(session, code, request(name="fleet-server"), AUTHORITY, "xiaotian", NOW)
    certificate = x509.load_pem_x509_certificate(made.certificate)
    assert certificate.subject.rfc4514_string() == f"CN={made.name}"
    assert made.name == f"dog7.{certificate.serial_number:x}"
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(AUTHORITY.certificate))


def test_a_code_dies_of_use_of_age_and_of_a_newer_one(database: Database) -> None:
    with database.write() as session:
        old = invite(session, DOG, NOW, "admin")
        code = invite(session, DOG, NOW, "admin")
        for wrong, when in ((old, NOW), (code, NOW + CODE_LIVES), ("nothing", NOW)):
            with pytest.raises(UnknownCode):
                enrol(session, wrong, request(), AUTHORITY, "xiaotian", when)
        enrol(session, code, request(), AUTHORITY, "xiaotian", NOW)
        with pytest.raises(UnknownCode):
            enrol(session, code, request(), AUTHORITY, "xiaotian", NOW)


@pytest.mark.parametrize(
    "wrong", [b"nonsense", b"x" * 5000, request(rsa.generate_private_key(65537, 2048)), request()[:-60]]
)
def test_a_bad_request_is_refused_and_leaves_the_code_good(database: Database, wrong: bytes) -> None:
    with database.write() as session:
        code = invite(session, DOG, NOW, "admin")
        with pytest.raises(BadRequest):
            enrol(session, code, wrong, AUTHORITY, "xiaotian", NOW)
        enrol(session, code, request(), AUTHORITY, "xiaotian", NOW)


def test_a_revoked_dog_has_no_token_and_no_open_code(database: Database) -> None:
    with database.write() as session:
        made = enrol(session, invite(session, DOG, NOW, "admin"), request(), AUTHORITY, "xiaotian", NOW)
        assert owner_of(session, made.token, "xiaotian") == DOG
        again = invite(session, DOG, NOW, "admin")
        revoke(session, DOG, NOW, "admin")
        assert owner_of(session, made.token, "xiaotian") is None
        with pytest.raises(UnknownCode):
            enrol(session, again, request(), AUTHORITY, "xiaotian", NOW)
        with pytest.raises(UnknownDog):
            revoke(session, Address("xiaotian", "nobody"), NOW, "admin")


def test_a_gate_that_starts_again_knows_who_is_inside_and_tells_the_broker(database: Database) -> None:
    said: list[bytes] = []
    names: dict[Address, str] = {}
    other = Address("xiaotian", "dog8")
    with database.write() as session:
        for address in (DOG, other):
            code = invite(session, address, NOW, "admin")
            names[address] = enrol(session, code, request(), AUTHORITY, "xiaotian", NOW).name
        revoke(session, other, NOW, "admin")
        gate = Admission(True, "xiaotian", lambda _t, payload, _q, _r: not said.append(payload))
        gate.load(session)
    assert (gate.admits(DOG), gate.admits(other), gate.admits(Address("acme", "dog7"))) == (True, False, False)
    gate.tell_broker()
    told = json.loads(said[0])["commands"]
    assert [c["username"] for c in told if c["command"] == "deleteClient"] == [names[other]]
    assert [c["username"] for c in told if c["command"] == "createClient"] == [names[DOG]]
    assert Admission(False, "xiaotian", lambda *_: True).admits(other)


def test_a_dog_may_say_what_dogs_say_and_nothing_else() -> None:
    role, client = admission(DOG, "dog7.1f")
    said = {rule["topic"] for rule in role["acls"] if rule["acltype"] == "publishClientSend"}
    assert said == {DOG.topic(topic) for topic, row in TABLE.items() if row.from_robot}
    heard = {rule["topic"] for rule in role["acls"] if rule["acltype"] == "subscribeLiteral"}
    assert heard == {DOG.topic(t) for t, row in TABLE.items() if not row.from_robot} | {DOG.topic(Topic.CONNECTION)}
    assert client["username"] == "dog7.1f"
    assert expulsion("dog7.1f")[0]["username"] == "dog7.1f"


def test_an_earlier_certificate_is_void_even_if_the_broker_was_away_when_its_dog_enrolled_anew(
    database: Database,
) -> None:
    def enrolled() -> str:
        return enrol(session, invite(session, DOG, NOW, "admin"), request(), AUTHORITY, "xiaotian", NOW).name

    said: list[bytes] = []
    with database.write() as session:
        revoked, replaced = enrolled(), ""
        revoke(session, DOG, NOW, "admin")
        replaced, newest = enrolled(), enrolled()
        gate = Admission(True, "xiaotian", lambda _t, payload, _q, _r: not said.append(payload))
        gate.load(session)
    gate.tell_broker()
    told = json.loads(said[0])["commands"]
    assert {c["username"] for c in told if c["command"] == "deleteClient"} == {revoked, replaced}
    assert [c["username"] for c in told if c["command"] == "createClient"] == [newest]


def test_a_dog_with_the_longest_of_names_gets_a_certificate(database: Database) -> None:
    longest = Address("m" * 64, "n" * 64)
    with database.write() as session:
        code = invite(session, longest, NOW, "admin")
        assert enrol(session, code, request(), AUTHORITY, "xiaotian", NOW).address == longest


def make_folder(root: Path, force: bool = False) -> FleetFolder:
    return init(root, About(["station.local"], 8883, 8443), "127.0.0.1", "root", PLUGIN, NOW, force)


def test_private_keys_are_for_one_user_and_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "fleet")
    keys = [*made.root.rglob("*.key"), made.root / "station_key.pem"]
    assert len(keys) == 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys)
    before = made.ca.read_bytes()
    with pytest.raises(BadFolder, match="not empty"):
        make_folder(tmp_path / "fleet")
    assert made.ca.read_bytes() == before
    make_folder(tmp_path / "fleet", force=True)
    assert made.ca.read_bytes() != before


def test_the_folder_tells_the_server_its_ports_and_to_close_its_doors(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "fleet")
    settings = Settings.load(fleet_dir=made.root, data_dir=tmp_path / "data")
    assert (settings.port, settings.mqtt_port, settings.secure_cookie) == (8443, 8883, True)
    assert Settings.load(fleet_dir=made.root, port=9000).port == 9000
    assert settings.station_key_file == made.root / "station_key.pem"
    with pytest.raises(BadFolder, match=r"fleet\.json"):
        Settings.load(fleet_dir=tmp_path)


def test_another_page_hears_that_a_dog_was_invited_enrolled_and_revoked(tmp_path: Path) -> None:
    chosen = settings(tmp_path, free_port(), fleet_dir=make_folder(tmp_path / "fleet").root, secure_cookie=False)
    with serving(chosen) as client, sign_in(client).websocket_connect("/api/v1/live") as page:
        code = client.post("/api/v1/identities", json={"name": "dog7"}).json()["code"]
        assert hear(page, "identities") == {}
        body = {"code": code.split("-")[0], "request": request().decode()}
        assert client.post("/api/v1/enrolment", json=body).status_code == 201
        assert hear(page, "identities") == {}
        assert client.delete("/api/v1/identities/xiaotian/dog7").status_code == 200
        assert hear(page, "identities") == {}


def test_a_station_without_the_folder_says_so(client: TestClient) -> None:
    assert client.get("/api/v1/identities").json() == []
    for answer in (
        client.post("/api/v1/identities", json={"name": "dog7"}),
        client.get("/api/v1/enrolment/authority"),
        client.delete("/api/v1/identities/xiaotian/dog7"),
    ):
        assert answer.status_code == 409
        assert "fleet init" in answer.json()["detail"]


def test_a_certificate_lasts_its_days_from_a_day_ago(database: Database) -> None:
    made = x509.load_pem_x509_certificate(sign_request(AUTHORITY, request(), "dog7.1f", 0x1F, NOW))
    assert made.not_valid_before_utc < NOW - timedelta(hours=23)
    assert made.not_valid_after_utc > NOW + timedelta(days=800)
