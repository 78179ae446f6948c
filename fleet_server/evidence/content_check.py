"""Whether what came is what was announced: a clip is a video, a recording an MCAP file."""

from pathlib import Path

from fleet_server.evidence.mp4_boxes import NotAClip, read_clip
from protocol.evidence import CLIP, LONGEST_S, RECORDING

MCAP = b"\x89MCAP0\r\n"  # at its beginning and, where it is whole, at its end
SLACK_S = 1.0  # the last frame is shown for a while


def why_unfit(file: Path, media_type: str) -> str:
    """Why ``file`` is no ``media_type``; empty where it is one, or a picture: those are shown as pictures alone."""
    size = file.stat().st_size
    with file.open("rb") as content:
        if media_type == CLIP:
            try:
                read_clip(content, size, LONGEST_S + SLACK_S)
            except NotAClip as error:
                return f"it is no clip: {error}"
        if media_type == RECORDING:
            head = content.read(len(MCAP))
            content.seek(max(size - len(MCAP), 0))
            if size < 2 * len(MCAP) or head != MCAP or content.read() != MCAP:
                return "it is no whole MCAP file"
    return ""
