"""Which passwords are none."""

LEAST = 8  # characters
WELL_KNOWN = frozenset({"password", "xiaotian", "administrator", "changeme", "change-me", "12345678", "admin123"})
WEAK = f"must have at least {LEAST} characters and not be a well-known one"


def is_weak(password: str) -> bool:
    """Whether it is too short, or one that is tried first."""
    return len(password) < LEAST or password.lower() in WELL_KNOWN
