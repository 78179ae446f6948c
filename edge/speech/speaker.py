"""Speaks one sentence at a time: espeak-ng makes a sound file of it, aplay plays that.

Two programs, since espeak-ng ends well where it finds no sound card, and nobody has heard it. Each runs by itself and
is looked at by ``update``, which never waits.
"""

import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import IO

from edge.speech.sentence import Sentence, SpeechEnded
from protocol.speech import SPEAKS_FOR_S, Language, SpeechEnd

VOICES = {Language.ZH: "cmn", Language.EN: "en"}
MAKES_FOR_S = 20.0  # s for espeak-ng; it needs less than one for the longest sentence
KEPT = 20  # sound files
WAV_HEADER = 44  # bytes of a file without a sound
AUTO, FILE, SPEAKER = "auto", "file", "speaker"
CARDS = Path("/proc/asound/cards")


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """``output``: ``auto`` plays where there is a sound card, ``speaker`` always, ``file`` never."""

    output: str = AUTO
    espeak: str = "espeak-ng"
    player: str = "aplay"

    def __post_init__(self) -> None:
        if self.output not in (AUTO, FILE, SPEAKER):
            raise ValueError(f"speech.output is {self.output!r}, expected {AUTO}, {FILE} or {SPEAKER}")


@dataclass(slots=True)
class _Running:
    sentence: Sentence
    file: Path
    process: subprocess.Popen[bytes]
    words: IO[bytes]  # what the program complains of
    until: float
    plays: bool


class Speaker:
    """``say`` begins, in place of what is being spoken; ``update`` tells of the end. Files lie in ``folder``."""

    def __init__(self, config: SpeechConfig, folder: Path, cards: Path = CARDS) -> None:
        self._config, self._folder = config, folder
        self._plays = config.output == SPEAKER or (config.output == AUTO and has_sound_card(cards))
        self._running: _Running | None = None
        self._ended: list[SpeechEnded] = []

    def missing(self) -> str:
        """What has to be installed for it to speak; empty where nothing has."""
        wanted = [(self._config.espeak, "espeak-ng")] + [(self._config.player, "alsa-utils")] * self._plays
        return "; ".join(f"{name} is not installed (Debian: {package})" for name, package in wanted if not which(name))

    def say(self, sentence: Sentence, now: float, at: float) -> None:
        """Begin to speak, and no longer what is spoken; ``at``: s, the dog's clock, to name the file by."""
        self.close()
        file = self._folder / f"sentence-{at:.3f}.wav"
        voice = VOICES[sentence.language]
        command = [self._config.espeak, "-b", "1", "-v", voice, "--stdin", "-w", str(file)]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in sorted(self._folder.glob("sentence-*.wav"))[: -KEPT + 1]:
                old.unlink()
        except OSError as error:
            self._fail(sentence, SpeechEnd.FAULT, f"{self._folder}: {error.strerror}")
            return
        self._start(sentence, file, command, now + MAKES_FOR_S, SpeechEnd.NO_ESPEAK)

    def update(self, now: float) -> list[SpeechEnded]:
        """What has ended since the last time."""
        running = self._running
        if running is not None and (code := running.process.poll()) is not None:
            self._go_on(running, code, now)
        elif running is not None and now > running.until:
            self.close()
            self._fail(running.sentence, SpeechEnd.TOO_LONG, "it did not come to its end")
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """Stop what is being spoken."""
        if self._running is not None:
            self._running.process.kill()
            self._running.process.wait()
            self._running.words.close()
            self._running = None

    def _go_on(self, done: _Running, code: int, now: float) -> None:
        self._running = None
        done.words.seek(0)
        words = done.words.read().decode(errors="replace").strip().splitlines()
        done.words.close()
        if code != 0 or not _has_sound(done.file):
            program = self._config.player if done.plays else self._config.espeak
            self._fail(done.sentence, SpeechEnd.FAULT, f"{program} ended with {code}: {words[-1] if words else ''}")
        elif done.plays or not self._plays:
            how = SpeechEnd.SPOKEN if done.plays else SpeechEnd.WRITTEN
            self._ended.append(SpeechEnded(done.sentence, how, str(done.file)))
        else:
            command = [self._config.player, "-q", str(done.file)]
            self._start(done.sentence, done.file, command, now + SPEAKS_FOR_S, SpeechEnd.NO_PLAYER)

    def _start(
        self, sentence: Sentence, file: Path, command: list[str], until: float, where_missing: SpeechEnd
    ) -> None:
        plays, words = where_missing is SpeechEnd.NO_PLAYER, tempfile.TemporaryFile()  # noqa: SIM115 - outlives this
        stdin = subprocess.DEVNULL if plays else subprocess.PIPE
        try:
            process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=words)
        except OSError as error:
            words.close()
            missing = isinstance(error, FileNotFoundError)
            end = where_missing if missing else SpeechEnd.FAULT
            self._fail(sentence, end, f"{command[0]}: {error.strerror}")
            return
        self._running = _Running(sentence, file, process, words, until, plays)
        if process.stdin is not None:
            with suppress(OSError), process.stdin:  # it fits into the pipe; one that has ended says why by its code
                process.stdin.write(sentence.text.encode())

    def _fail(self, sentence: Sentence, end: SpeechEnd, why: str) -> None:
        self._ended.append(SpeechEnded(sentence, end, why=why))


def has_sound_card(cards: Path = CARDS) -> bool:
    """Whether ALSA knows a sound card."""
    try:
        return any(line.split()[:1] and line.split()[0].isdigit() for line in cards.read_text().splitlines())
    except OSError:
        return False


def _has_sound(file: Path) -> bool:
    try:
        return file.stat().st_size > WAV_HEADER
    except OSError:
        return False
