"""Rounds for several dogs at once: who walks to which checkpoint next, so that none is left unseen for long."""
