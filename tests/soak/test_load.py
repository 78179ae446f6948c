"""A soak whose dogs are no more says so."""

from pathlib import Path

from tests.fleet_server.world import eventually
from tests.soak.load import Waiting, Walkers
from xiaotian.local_stack import free_port

PICTURE = Waiting("5d1e2c8e-3f0f-4c43-8a55-0c0f5e0f7d11", b"a picture", 0.0, 0.0)


def test_a_thread_that_ended_and_a_picture_that_nobody_took_are_told(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("token")
    walkers = Walkers(free_port(), free_port(), token, 0, 1)  # nobody listens there
    walkers.waiting.append(PICTURE)
    walkers.start()
    eventually(lambda: walkers.failures)
    assert "ConnectError" in walkers.failures[0]
    assert walkers.alive
    token.unlink()  # what nobody thought of
    walkers.waiting.append(PICTURE)
    eventually(lambda: not walkers.alive)
    assert "FileNotFoundError" in walkers.failures[1]
    walkers.stop()
