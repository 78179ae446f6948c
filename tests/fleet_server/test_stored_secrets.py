"""Secrets of centers as they lie on the disk: sealed, also those of servers before; and what a lost key costs."""

import base64
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from fleet_server.backup.backup import back_up
from fleet_server.backup.restore import restore
from fleet_server.center.tables import Center
from fleet_server.center.webhook_signature import made_up_secret, signed
from fleet_server.core.clock import utc_now
from fleet_server.core.stored_secrets import StoredSecrets, UnreadableSecret
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config
from tests.fleet_server.world import API, first_settings, serving, settings, sign_in, station_of

UNUSED_PORT = 25099
CALL = b'{"siteId": "yard", "x": 9.0, "y": 7.0, "reason": "glass broke"}'


def on_disk(folder: Path, wanted: str) -> list[str]:
    """The files with that text in them, or with the bytes that it is the base64 of."""
    needles = (wanted.encode(), base64.b64decode(wanted.removeprefix("whsec_")))
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def called(client: TestClient, name: str, secret: str) -> int:
    headers = signed(secret, str(uuid4()), utc_now(), CALL) | {"content-type": "application/json"}
    answer = TestClient(client.app).post(f"{API}/centers/{name}/messages", content=CALL, headers=headers)
    return answer.status_code


def new_center(client: TestClient, name: str) -> str:
    answer = client.post(f"{API}/centers", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


@pytest.mark.slow
def test_secrets_of_before_are_sealed_at_the_start_and_their_centers_notice_nothing(tmp_path: Path) -> None:
    here = first_settings(tmp_path, UNUSED_PORT)
    here.data_dir.mkdir(parents=True)
    kept, gone = {f"c{number}": made_up_secret() for number in range(40)}, made_up_secret()
    before = Database(here.database_url)
    command.upgrade(alembic_config(before.engine), "0028")
    row = "INSERT INTO centers (center_id, name, secret, created_at, created_by, removed_at) VALUES "
    with before.write() as session:
        for name, secret in [*kept.items(), ("gone", gone)]:
            values = {"id": str(uuid4()), "name": name, "secret": secret, "at": "2026-01-01 00:00:00.000000"}
            values["removed"] = values["at"] if name == "gone" else None
            session.execute(text(f"{row} (:id, :name, :secret, :at, 'admin', :removed)"), values)
    before.close()
    assert all(on_disk(here.data_dir, secret) for secret in (*kept.values(), gone))
    with serving(here) as client:
        assert [called(client, name, secret) for name, secret in kept.items()] == [200] * len(kept)
        assert called(client, "gone", gone) == 401
        everything = sign_in(client).get(f"{API}/centers").text + client.get(f"{API}/audit").text
    assert not [secret for secret in kept.values() if secret in everything]
    assert [on_disk(here.data_dir, secret) for secret in (*kept.values(), gone)] == [[]] * 41
    assert here.secrets_key_file.stat().st_mode & 0o777 == 0o600
    with serving(here) as client:  # a second start seals nothing twice
        assert {called(client, name, secret) for name, secret in kept.items()} == {200}


def test_a_lost_key_is_named_and_costs_the_centers_alone_and_the_one_of_the_backup_brings_them_back(
    tmp_path: Path,
) -> None:
    here = settings(tmp_path / "here", UNUSED_PORT)
    with serving(here) as client:
        secret = new_center(sign_in(client), "duty")
    back_up(here, tmp_path / "backup")
    assert on_disk(tmp_path / "backup", secret) == []
    key = here.secrets_key_file.read_text()
    for spoiled in (None, "no key!", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(32)).decode()):
        here.secrets_key_file.unlink(missing_ok=True)
        if spoiled is not None:
            here.secrets_key_file.write_text(spoiled)
        with serving(here) as client:
            assert called(client, "duty", secret) == 503
            (told,) = sign_in(client).get(f"{API}/centers").json()
            assert "center 'duty'" in told["problem"]
            assert str(here.secrets_key_file) in told["problem"]
            assert client.get(f"{API}/health").status_code == 200
            refused = client.post(f"{API}/centers", json={"name": "new"})
            assert (refused.status_code, "center 'duty'" in refused.json()["detail"]) == (503, True)
            here.secrets_key_file.write_text(key)
            assert called(client, "duty", secret) == 200  # without a new start
    there = first_settings(tmp_path / "there", UNUSED_PORT)
    restore(tmp_path / "backup", there)
    with serving(there) as client:
        assert called(client, "duty", secret) == 200


def test_a_removed_centers_secret_is_gone(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        new_center(sign_in(client), "duty")
        (told,) = client.get(f"{API}/centers").json()
        assert client.delete(f"{API}/centers/{told['centerId']}").status_code == 204
        with station_of(client).database.read() as session:
            assert session.scalars(select(Center.secret)).all() == [""]


def test_what_is_sealed_opens_for_its_owner_unaltered_and_not_otherwise(tmp_path: Path) -> None:
    stored, chance = StoredSecrets(tmp_path / "secrets.key"), random.Random(5)
    for number in range(200):
        secret, owner = made_up_secret(), f"center 'c{number}'"
        sealed = stored.seal(secret, owner)
        assert stored.open(sealed, owner) == secret != sealed
        assert len(sealed) < 255
        place = chance.randrange(len("sealed.1."), len(sealed))
        for text_, of in ((sealed[:place] + "\u0101" + sealed[place + 1 :], owner), (sealed, "center 'other'")):
            with pytest.raises(UnreadableSecret, match=r"secrets\.key"):
                stored.open(text_, of)
        with pytest.raises(UnreadableSecret, match=owner):
            stored.open(sealed[:place], owner)
    assert stored.seal("same", "o") != stored.seal("same", "o")


def test_of_many_that_make_the_key_at_once_all_use_one(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.key"
        with ThreadPoolExecutor(8) as pool:
            sealed = list(pool.map(lambda each, path=path: StoredSecrets(path).seal(str(each), "o"), range(8)))
        assert [StoredSecrets(path).open(each, "o") for each in sealed] == [str(each) for each in range(8)]
    assert len(list(tmp_path.iterdir())) == 20


def test_a_key_that_others_own_is_said_and_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "secrets.key"
    folder.mkdir()
    with pytest.raises(UnreadableSecret, match=r"the secret of center 'duty' cannot be read with .*secrets\.key"):
        StoredSecrets(folder).seal("s", "center 'duty'")
    assert os.listdir(tmp_path) == ["secrets.key"]
