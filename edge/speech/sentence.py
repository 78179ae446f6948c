"""What a dog is to speak, and what came of it."""

from dataclasses import dataclass

from protocol.speech import Language, SpeechEnd


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text, by the id of the action that brought it."""

    action_id: str
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """How a sentence ended; ``file`` has its sound, ``why`` what went wrong."""

    sentence: Sentence
    end: SpeechEnd
    file: str = ""
    why: str = ""
