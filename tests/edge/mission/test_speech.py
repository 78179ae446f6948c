"""A sentence to speak: one at a time, told until its end, and nothing of it moves the dog."""

import pytest

from edge.mission.events import Go, OrderCame, SetEmergencyStop, Speak
from edge.mission.speech import ANSWERS_WITHIN_S
from edge.speech.sentence import Sentence, SpeechEnded
from protocol.order import Action
from protocol.speech import LONGEST_TEXT, SPEAK, Language, SpeechEnd
from protocol.state import ActionStatus
from tests.edge.mission.test_camera_stream import status
from tests.edge.mission.world import Dog, action, instant, node, order

SAFE = ("请退后，谢谢。", "This area is closed!", "a" * LONGEST_TEXT, "〇", "7")
WRONG = {
    "": "nothing to speak",
    " \u3000…!": "nothing to speak",
    "a" * (LONGEST_TEXT + 1): "201 characters",
    "two\nlines": "control character",
    "\x1b[2J": "control character",
    "nul\0": "control character",
    "turned \u202e round": "control character",
    "line\u2028line": "control character",
    "half \ud800": "control character",
}


def speak(text: str = "Please step back.", action_id: str = "s1", language: str = "en") -> Action:
    return action(SPEAK, action_id, text=text, language=language)


def ended(end: SpeechEnd, action_id: str = "s1") -> SpeechEnded:
    return SpeechEnded(Sentence(action_id, "", Language.EN), end)


@pytest.mark.parametrize("text", SAFE)
@pytest.mark.parametrize("end", SpeechEnd)
def test_a_sentence_is_running_until_its_end_and_the_end_is_told_by_its_name(text: str, end: SpeechEnd) -> None:
    dog = Dog()
    dog.tell(instant(speak(text, language="zh")))
    assert dog.asked == [Speak(Sentence("s1", text, Language.ZH))]
    assert status(dog) == (ActionStatus.RUNNING, "")
    dog.tell(ended(end))
    said = end in (SpeechEnd.SPOKEN, SpeechEnd.WRITTEN)
    assert status(dog) == (ActionStatus.FINISHED if said else ActionStatus.FAILED, end)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_sentence_is_refused_at_the_dogs_door_and_told(text: str) -> None:
    dog = Dog()
    dog.tell(instant(speak(text)))
    assert status(dog)[0] is ActionStatus.FAILED
    assert WRONG[text] in status(dog)[1]
    assert (dog.asked, dog.errors()) == ([], ["instantActionError"])


@pytest.mark.parametrize("language", ["", "EN", "fr", "zh;reboot", "cmn"])
def test_another_language_is_refused(language: str) -> None:
    dog = Dog()
    dog.tell(instant(speak(language=language)))
    assert "expected zh or en" in status(dog)[1]
    assert dog.asked == []


def test_a_newer_sentence_takes_the_place_of_an_older_and_the_olders_end_is_not_its_own() -> None:
    dog = Dog()
    dog.tell(instant(speak(action_id="s1")), instant(speak(action_id="s2")))
    dog.tell(ended(SpeechEnd.SPOKEN, "s1"))
    assert status(dog, "s1") == (ActionStatus.FAILED, SpeechEnd.REPLACED)
    assert status(dog, "s2") == (ActionStatus.RUNNING, "")
    dog.tell(ended(SpeechEnd.SPOKEN, "s2"))
    assert status(dog, "s2")[0] is ActionStatus.FINISHED


def test_said_again_under_the_same_id_it_is_spoken_once() -> None:
    dog = Dog()
    dog.tell(instant(speak()), instant(speak()))
    assert len(dog.asked) == 1


def test_a_speaker_that_never_answers_is_told() -> None:
    dog = Dog()
    dog.tell(instant(speak()))
    dog.step(ANSWERS_WITHIN_S + 1.0)
    assert status(dog) == (ActionStatus.FAILED, SpeechEnd.NO_ANSWER)


def test_a_dog_that_speaks_walks_its_order_and_an_emergency_stop_waits_for_no_sentence() -> None:
    dog = Dog()
    dog.tell(instant(speak()))
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    dog.run(1.0)
    assert any(isinstance(each, Go) for each in dog.asked)
    dog.tell(instant(action("emergencyStop", "stop")))
    assert SetEmergencyStop(True) in dog.asked
    dog.run(1.0)
    assert (status(dog, "stop")[0], status(dog)[0]) == (ActionStatus.FINISHED, ActionStatus.RUNNING)


def test_no_order_makes_a_dog_speak() -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, speak()), node("b", 2))))
    assert (dog.asked, dog.errors()) == ([], ["orderError"])
