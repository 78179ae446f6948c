"""The speaker with programs of the test's own in the place of espeak-ng and aplay, and with the real espeak-ng."""

import math
import os
import struct
import time
import wave
from pathlib import Path
from shutil import which

import pytest

from edge.speech.sentence import Sentence, SpeechEnded
from edge.speech.speaker import KEPT, MAKES_FOR_S, Speaker, SpeechConfig
from protocol.speech import SPEAKS_FOR_S, Language, SpeechEnd

NASTY = '$(touch hit); `touch hit` | touch hit && "touch hit" -w hit <speak> 请退后'
CARD = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7e10000 irq 30\n"
NO_CARD = "--- no soundcards ---\n"


def program(path: Path, *lines: str) -> str:
    path.write_text("\n".join(["#!/bin/sh", *lines]))
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def espeak(tmp_path: Path) -> str:
    """Writes what it was told and how into the file that it was to make."""
    return program(tmp_path / "espeak", 'for file; do :; done; { echo "$@"; echo ----; cat; echo; seq 50; } > "$file"')


@pytest.fixture
def player(tmp_path: Path) -> str:
    return program(tmp_path / "player", f'echo "$@" >> {tmp_path}/played')


def speaker(
    tmp_path: Path, espeak: str, player: str = "no-player", output: str = "auto", cards: str = NO_CARD
) -> Speaker:
    (tmp_path / "cards").write_text(cards)
    return Speaker(SpeechConfig(output, espeak, player), tmp_path / "speech", tmp_path / "cards")


def sentence(text: str = "Please step back.", action_id: str = "s1", language: Language = Language.EN) -> Sentence:
    return Sentence(action_id, text, language)


def end(speaker: Speaker, now: float = 0.0) -> SpeechEnded:
    """The one end that comes."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if ended := speaker.update(now):
            (only,) = ended
            assert speaker.update(now) == []
            return only
    raise AssertionError("no end")


def test_without_a_sound_card_a_sentence_becomes_a_file_word_for_word_and_no_shell_reads_it(
    tmp_path: Path, espeak: str
) -> None:
    spoken = speaker(tmp_path, espeak)
    spoken.say(sentence(NASTY, language=Language.ZH), 0.0, 12.5)
    ended = end(spoken)
    assert (ended.end, ended.file) == (SpeechEnd.WRITTEN, str(tmp_path / "speech" / "sentence-12.500.wav"))
    told, _, text = Path(ended.file).read_text().partition("----\n")
    assert told.split() == ["-b", "1", "-v", "cmn", "--stdin", "-w", ended.file]
    assert text.startswith(NASTY + "\n")
    assert not list(Path.cwd().glob("hit"))


def test_with_a_sound_card_it_is_played_to_its_end(tmp_path: Path, espeak: str, player: str) -> None:
    spoken = speaker(tmp_path, espeak, player, cards=CARD)
    spoken.say(sentence(), 0.0, 1.0)
    ended = end(spoken)
    assert ended.end is SpeechEnd.SPOKEN
    assert (tmp_path / "played").read_text() == f"-q {ended.file}\n"


def test_a_setting_says_whether_it_is_played(tmp_path: Path, espeak: str, player: str) -> None:
    for output, cards, how in (("file", CARD, SpeechEnd.WRITTEN), ("speaker", NO_CARD, SpeechEnd.SPOKEN)):
        spoken = speaker(tmp_path, espeak, player, output, cards)
        spoken.say(sentence(), 0.0, 1.0)
        assert end(spoken).end is how
    with pytest.raises(ValueError, match=r"speech\.output is 'loud'"):
        SpeechConfig("loud")


def test_a_program_that_is_not_there_is_named(tmp_path: Path, espeak: str) -> None:
    dumb, mute = speaker(tmp_path, "no-espeak"), speaker(tmp_path, espeak, output="speaker")
    for spoken, why in ((dumb, SpeechEnd.NO_ESPEAK), (mute, SpeechEnd.NO_PLAYER)):
        spoken.say(sentence(), 0.0, 1.0)
        assert end(spoken).end is why
    assert dumb.missing() == "no-espeak is not installed (Debian: espeak-ng)"
    assert mute.missing() == "no-player is not installed (Debian: alsa-utils)"
    assert speaker(tmp_path, espeak).missing() == ""


@pytest.mark.parametrize(
    ("does", "why"), [("echo no voice >&2; exit 3", "ended with 3: no voice"), ("exit 0", "ended with 0")]
)
def test_a_program_that_fails_or_makes_no_sound_is_told(tmp_path: Path, does: str, why: str) -> None:
    spoken = speaker(tmp_path, program(tmp_path / "broken", does))
    spoken.say(sentence(), 0.0, 1.0)
    ended = end(spoken)
    assert ended.end is SpeechEnd.FAULT
    assert why in ended.why


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, espeak: str) -> None:
    (tmp_path / "speech").write_text("a file")
    spoken = speaker(tmp_path, espeak)
    spoken.say(sentence(), 0.0, 1.0)
    assert end(spoken).end is SpeechEnd.FAULT


def test_a_program_that_does_not_end_is_stopped(tmp_path: Path, espeak: str) -> None:
    begun = tmp_path / "begun"
    stuck = program(tmp_path / "stuck", f"echo $$ > {begun}.part; mv {begun}.part {begun}; exec sleep 600")
    makes, plays = speaker(tmp_path, stuck), speaker(tmp_path, espeak, stuck, "speaker")
    for spoken, bound in ((makes, MAKES_FOR_S), (plays, SPEAKS_FOR_S)):
        spoken.say(sentence(), 0.0, 1.0)
        until = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < until:
            assert spoken.update(0.0) == []
        assert spoken.update(bound) == []
        assert end(spoken, bound + 0.1).end is SpeechEnd.TOO_LONG
        with pytest.raises(ProcessLookupError):
            os.kill(int(begun.read_text()), 0)
        begun.unlink()


def test_a_newer_sentence_takes_the_place_of_an_older(tmp_path: Path, espeak: str) -> None:
    slow = program(
        tmp_path / "slow", 'read text; case "$text" in old*) exec sleep 600;; esac; for f; do :; done; seq 50 > "$f"'
    )
    spoken = speaker(tmp_path, slow)
    spoken.say(sentence("old\n", "s1"), 0.0, 1.0)
    spoken.say(sentence("new\n", "s2"), 0.0, 2.0)
    assert end(spoken).sentence.action_id == "s2"


def test_so_many_files_are_kept_the_newest(tmp_path: Path, espeak: str) -> None:
    spoken = speaker(tmp_path, espeak)
    for second in range(KEPT + 3):
        spoken.say(sentence(), 0.0, 100.0 + second)
        end(spoken)
    names = sorted(file.name for file in (tmp_path / "speech").iterdir())
    assert names == [f"sentence-{100 + second}.000.wav" for second in range(3, KEPT + 3)]


@pytest.mark.skipif(which("espeak-ng") is None, reason="needs espeak-ng (Debian: apt-get install espeak-ng)")
@pytest.mark.parametrize(
    ("language", "text"),
    [(Language.ZH, "请不要靠近，谢谢。"), (Language.EN, "Please keep away, thank you."), (Language.ZH, NASTY)],
)
def test_espeak_makes_a_sound_of_it(tmp_path: Path, language: Language, text: str) -> None:
    spoken = speaker(tmp_path, "espeak-ng")
    spoken.say(sentence(text, language=language), 0.0, 1.0)
    ended = end(spoken)
    assert ended.end is SpeechEnd.WRITTEN, ended.why
    with wave.open(ended.file) as sound:
        samples = struct.unpack(f"<{sound.getnframes()}h", sound.readframes(sound.getnframes()))
        seconds = sound.getnframes() / sound.getframerate()
    assert 1.0 < seconds < 60.0
    assert math.sqrt(sum(each * each for each in samples) / len(samples)) > 500, "it is silent"
