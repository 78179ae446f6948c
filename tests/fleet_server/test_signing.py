from pathlib import Path

import pytest

from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, BadKey, station_key


def test_a_station_whose_public_key_is_another_says_so_instead_of_being_obeyed_by_nobody(tmp_path: Path) -> None:
    private, public = tmp_path / PRIVATE_KEY, tmp_path / PUBLIC_KEY
    station_key(private, public)
    old = public.read_bytes()
    private.unlink()
    with pytest.raises(BadKey, match="lacks the public half"):
        station_key(private, public)
    public.unlink()
    station_key(private, public)
    public.write_bytes(old + public.read_bytes())  # both, while the dogs are told one by one
    station_key(private, public)
