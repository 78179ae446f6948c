"""An incident leaves the station as one signed ZIP, and what is done to it afterwards shows."""

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from fleet_server.app import create_app
from fleet_server.core.detached_signature import public_keys, sign
from fleet_server.core.rights import Role
from fleet_server.evidence_package.cli import app
from fleet_server.evidence_package.package_format import KIND
from fleet_server.evidence_package.verification import BadPackage, verify
from fleet_server.incidents.words import ACTIONS, KINDS, STATES
from fleet_server.ingest.mqtt_session import Session
from protocol.anomaly import AnomalyKind
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import PICTURE, anomaly, evidence, put, robot
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, serving, settings, sign_in, station_of

REASON = "<b>立案</b> 2026-17"


@dataclass(frozen=True)
class Made:
    """A package with a picture, one of who may not look at pictures, the station's key, and its log."""

    whole: bytes
    bare: bytes
    key: Path
    incident: dict[str, Any]
    audit: list[dict[str, Any]]


@pytest.fixture(scope="module")
def made(mqtt: TestBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Through the real application and broker: a dog tells of somebody and sends a picture, people look and act."""
    chosen = settings(tmp_path_factory.mktemp("station"), mqtt.port)
    with serving(chosen) as client, Dog(mqtt.port, "dog_packs") as dog:
        eventually(lambda: station_of(client)[Session].connected)
        sign_in(client)
        seen = anomaly()
        shot = evidence(PICTURE, anomalyId=seen["anomalyId"])
        dog.say("anomaly", **seen)
        dog.say("evidence", **shot)
        where = f"{API}/evidence/{shot['evidenceId']}"
        eventually(lambda: client.head(where, headers=robot(client)).is_success)
        assert put(client, shot["evidenceId"], PICTURE, 0).status_code == 204
        (incident,) = client.get(f"{API}/incidents").json()
        client.get(incident["pictureUrl"])
        client.post(f"{API}/incidents/{incident['incidentId']}/acknowledge", json={"note": "派人查看"})
        package = f"{API}/incidents/{incident['incidentId']}/package"
        assert client.post(package, json={"reason": " "}).status_code == 422
        assert client.post(f"{API}/incidents/none/package", json={"reason": REASON}).status_code == 404
        whole = client.post(package, json={"reason": REASON})
        assert (whole.status_code, whole.headers["content-type"]) == (200, "application/zip")
        make(client, "shen", Role.AUDITOR)
        with signed_in_as(client, "shen") as auditor:
            bare = auditor.post(package, json={"reason": REASON})
        audit = client.get(f"{API}/audit").json()
        yield Made(whole.content, bare.content, chosen.station_public_key_file, incident, audit)


def files(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def check(package: bytes, folder: Path, key: Path | None) -> Any:
    file = folder / "package.zip"
    file.write_bytes(package)
    return verify(file, public_keys(key) if key is not None else None)


def test_the_package_has_all_that_belongs_to_the_incident(made: Made, tmp_path: Path) -> None:
    found, content = check(made.whole, tmp_path, made.key), files(made.whole)
    assert (found.by_its_own_key, found.manifest.reason, found.manifest.made_by) == (False, REASON, "admin")
    (picture,) = found.manifest.pictures
    assert content[picture.path] == PICTURE
    assert picture.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert json.loads(content["incident.json"])["incidentId"] == made.incident["incidentId"]
    told = [(line["action"], line["actor"], line["text"]) for line in json.loads(content["timeline.json"])]
    assert set(told) == {
        ("incident.seen", "dog_packs", None),
        ("evidence.captured", "dog_packs", None),
        ("evidence.viewed", "admin", None),
        ("incident.acknowledged", "admin", "派人查看"),
        ("incident.exported", "admin", REASON),
    }
    extract = json.loads(content["audit.json"])
    by_id = {entry["id"]: entry for entry in made.audit}
    assert [entry["action"] for entry in extract] == ["evidence.viewed", "incident.acknowledged", "incident.exported"]
    assert all(by_id[entry["id"]] == entry for entry in extract)
    head = json.loads(content["audit_head.json"])
    assert (head["entries"], head["hash"]) == (extract[-1]["id"], extract[-1]["hash"])


def test_the_page_reads_in_both_languages_asks_for_nothing_and_runs_nothing(made: Made) -> None:
    page = files(made.whole)["index.html"].decode()
    assert "有人进入限制区" in page
    assert "Person in a restricted zone" in page
    assert "data:image/jpeg;base64," in page
    assert "&lt;b&gt;立案&lt;/b&gt;" in page
    assert "<b>" not in page
    assert all(word not in page for word in ("<script", "http://", "https://", 'src="pictures'))


def test_who_may_not_look_at_pictures_gets_none_and_is_told(made: Made, tmp_path: Path) -> None:
    found, content = check(made.bare, tmp_path, made.key), files(made.bare)
    (picture,) = found.manifest.pictures
    assert (picture.path, picture.left_out) == (None, "the role may not look at pictures")
    assert PICTURE not in content.values()
    assert "data:image" not in content["index.html"].decode()


def test_whatever_file_is_altered_removed_or_added_is_named(made: Made, tmp_path: Path) -> None:
    content = files(made.whole)
    for name, data in content.items():
        place = random.Random(name).randrange(len(data))
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        for changed in ({**content, name: altered}, {**content, name: data + b" "}):
            if name == "manifest.sig" and changed[name] == data + b" ":
                continue  # JSON with a blank after it says the same
            with pytest.raises(BadPackage, match=r"manifest|" + name.replace(".", r"\.")):
                check(zipped(changed), tmp_path, made.key)
        with pytest.raises(BadPackage, match=f"{name} was removed"):
            check(zipped({k: v for k, v in content.items() if k != name}), tmp_path, made.key)
    with pytest.raises(BadPackage, match=r"more\.jpg was added"):
        check(zipped({**content, "pictures/more.jpg": PICTURE}), tmp_path, made.key)
    swapped = {**content, "incident.json": content["timeline.json"], "timeline.json": content["incident.json"]}
    with pytest.raises(BadPackage, match=r"incident\.json was altered"):
        check(zipped(swapped), tmp_path, made.key)


def test_a_file_that_is_there_twice_is_refused_whichever_a_reader_would_show(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "twice.zip"
    file.write_bytes(made.whole)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("index.html", b"another page")
    with pytest.raises(BadPackage, match=r"index\.html is there twice"):
        verify(file, public_keys(made.key))


def test_a_package_that_somebody_else_signed_fits_its_own_key_alone(made: Made, tmp_path: Path) -> None:
    content, theirs = files(made.whole), Ed25519PrivateKey.generate()
    manifest = json.loads(content["manifest.json"])
    page = content["index.html"].replace(b"admin", b"nobody")
    public = theirs.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    theirs_now = {"index.html": page, "station_key.pub": public}
    for each in manifest["files"]:
        if (changed := theirs_now.get(each["path"])) is not None:
            each |= {"sha256": hashlib.sha256(changed).hexdigest(), "sizeBytes": len(changed)}
    said = json.dumps(manifest).encode()
    signature = sign(theirs, KIND, said)
    forged = zipped(
        content
        | theirs_now
        | {
            "manifest.json": said,
            "manifest.sig": json.dumps({"keyId": signature.key_id, "signature": signature.signature}).encode(),
        }
    )
    assert check(forged, tmp_path, None).by_its_own_key
    with pytest.raises(BadPackage, match="another key"):
        check(forged, tmp_path, made.key)


def test_a_package_that_was_cut_or_spoilt_anywhere_is_never_taken_for_whole_with_other_content(
    made: Made, tmp_path: Path
) -> None:
    chance, content = random.Random(7), files(made.whole)
    for _ in range(200):
        spoilt = bytearray(made.whole)
        if chance.random() < 0.3:
            del spoilt[chance.randrange(len(spoilt)) :]
        else:
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        try:
            check(bytes(spoilt), tmp_path, made.key)
        except BadPackage:
            continue
        assert files(bytes(spoilt)) == content


def test_the_command_needs_no_server(made: Made, tmp_path: Path) -> None:
    file, run = tmp_path / "package.zip", CliRunner()
    file.write_bytes(made.bare)
    fits = run.invoke(app, ["verify", str(file), "--key", str(made.key)])
    assert (fits.exit_code, "as the station made it" in fits.output, "left out" in fits.output) == (0, True, True)
    own = run.invoke(app, ["verify", str(file)])
    assert (own.exit_code, "the package's own key" in own.output) == (0, True)
    file.write_bytes(zipped({**files(made.bare), "incident.json": b"{}"}))
    spoilt = run.invoke(app, ["verify", str(file)])
    assert (spoilt.exit_code, "incident.json was altered" in spoilt.output) == (1, True)
    assert run.invoke(app, ["verify", str(tmp_path / "none.zip")]).exit_code == 1


def test_every_kind_and_state_has_words(made: Made) -> None:
    assert set(KINDS) == set(AnomalyKind)
    document = create_app(settings(made.key.parent, 1), lambda _: None).openapi()
    assert set(STATES) == set(document["components"]["schemas"]["IncidentStatus"]["enum"])
    assert all(zh and en for zh, en in (*ACTIONS.values(), *KINDS.values(), *STATES.values()))
