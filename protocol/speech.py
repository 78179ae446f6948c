"""A sentence that a dog speaks: an instant action of our dogs', beside the standard's, and what comes of it.

A person sends each one, by name. It is no alarm, it moves no leg, and no order has it: a dog never speaks by itself.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import UNSET, UnsetType

from protocol.header import Wire

SPEAK = "speak"
TEXT, LANGUAGE = "text", "language"
MOST_SENTENCES = 20
"""Of a site's own: as many an operator overlooks."""
LONGEST_TEXT = 200
"""Characters; as many Chinese ones are spoken in about 70 s."""
SPEAKS_FOR_S = 180.0
"""After which a dog stops a sentence that has no end."""


class Language(StrEnum):
    """What a dog can speak."""

    ZH = "zh"
    EN = "en"


class SpeechEnd(StrEnum):
    """How a sentence ended; the first two are FINISHED, the others FAILED."""

    SPOKEN = "SPOKEN"  # through the loudspeaker, to its end
    WRITTEN = "WRITTEN"  # into a sound file alone: in simulation, or on a dog without a sound card
    NO_ESPEAK = "NO_ESPEAK"  # espeak-ng is not installed on the dog
    NO_PLAYER = "NO_PLAYER"  # aplay is not
    FAULT = "FAULT"  # one of them, or the disk, failed; the dog's log says how
    REPLACED = "REPLACED"  # another sentence came after it
    TOO_LONG = "TOO_LONG"  # it was stopped
    NO_LOUDSPEAKER = "NO_LOUDSPEAKER"
    NO_ANSWER = "NO_ANSWER"


SAID = frozenset({SpeechEnd.SPOKEN, SpeechEnd.WRITTEN})


class SiteSentence(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a site's operators say there, in the languages in which it can be spoken: one at least."""

    zh: str | UnsetType = UNSET
    en: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        said = {"zh": self.zh, "en": self.en}
        for where, why in wrong_sentence({key: text for key, text in said.items() if text is not UNSET}):
            raise ValueError(f"{where}: {why}" if where else why)


def wrong_sentence(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Why texts by their languages are no sentence of a site: in which language ("" where in none), and why."""
    if not said:
        yield "", "it has words in no language"
    for language, text in said.items():
        if (why := wrong_text(text)) is not None:
            yield language, why


def wrong_text(text: str) -> str | None:
    """Why ``text`` is no sentence to speak; None where it is one."""
    if len(text) > LONGEST_TEXT:
        return f"{TEXT} has {len(text)} characters, expected 1 to {LONGEST_TEXT}"
    kinds = [unicodedata.category(each) for each in text]
    if any(kind[0] == "C" or kind in ("Zl", "Zp") for kind in kinds):
        return f"{TEXT} has a control character, or one that is none"
    return None if any(kind[0] in "LN" for kind in kinds) else f"{TEXT} has nothing to speak: no letter, no digit"
