"""Who has looked at what in this session: one look is one line in the audit log, however often a page is drawn."""

import threading

MOST = 50_000  # beyond this it begins anew, and some looks are noted twice


class FirstViews:
    """Pairs of a session and a picture."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def first(self, token: str, evidence_id: str) -> bool:
        """Whether this session looks at this picture for the first time."""
        with self._lock:
            if (token, evidence_id) in self._seen:
                return False
            if len(self._seen) >= MOST:
                self._seen.clear()
            self._seen.add((token, evidence_id))
            return True
