"""A sentence to speak, as an instant action: one at a time, a newer one takes the place of an older.

No order has it, and nothing in the dog asks for it. It goes on through a pause and an emergency stop: it moves nothing.
"""

from edge.mission.events import Speak
from edge.mission.mission_context import MissionContext
from edge.speech.sentence import Sentence, SpeechEnded
from protocol.order import Action
from protocol.speech import LANGUAGE, SAID, SPEAKS_FOR_S, TEXT, Language, SpeechEnd, wrong_text
from protocol.state import ActionStatus

ANSWERS_WITHIN_S = SPEAKS_FOR_S + 30.0  # or who speaks is not there


class Speech:
    """The sentence that is being spoken, by the id of its action."""

    def __init__(self) -> None:
        self._action_id, self._since = "", 0.0

    def start(self, scene: MissionContext, action: Action) -> None:
        """Speak it, and no longer what was spoken."""
        self._end(scene, SpeechEnd.REPLACED)
        self._action_id, self._since = action.action_id, scene.now
        language = Language(str(action.parameter(LANGUAGE)))
        scene.ask(Speak(Sentence(action.action_id, str(action.parameter(TEXT)), language)))
        scene.add_instant(action, ActionStatus.RUNNING)

    def hear(self, scene: MissionContext, told: SpeechEnded) -> None:
        """It has ended."""
        if told.sentence.action_id == self._action_id:
            self._end(scene, told.end)

    def update(self, scene: MissionContext) -> None:
        """End it where nobody else does."""
        if scene.now - self._since > ANSWERS_WITHIN_S:
            self._end(scene, SpeechEnd.NO_ANSWER)

    def _end(self, scene: MissionContext, how: SpeechEnd) -> None:
        if self._action_id:
            scene.end_work(self._action_id, success=how in SAID, result=how)
            self._action_id = ""


def wrong(action: Action) -> str | None:
    """What is wrong with the sentence; None: nothing."""
    language = action.parameter(LANGUAGE)
    if language not in set(Language):
        return f"{LANGUAGE} is {language!r}, expected {' or '.join(Language)}"
    return wrong_text(str(action.parameter(TEXT)))
