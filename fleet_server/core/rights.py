"""Who may do what: roles, and the rights that each has. Every route of the API states the one right that it needs."""

from enum import StrEnum


class Right(StrEnum):
    """What a route may need."""

    SEE = "see"  # dogs, patrols, incidents, routes, sites
    LOOK = "look"  # at pictures: each first look lands in the audit log
    WATCH = "watch"  # a dog's camera, live: each time lands in the audit log
    ACKNOWLEDGE = "acknowledge"  # an incident
    COMMAND = "command"  # a dog: send it, call it back, let it go on after a fall, speak through it
    OVERRULE = "overrule"  # another operator: take a dog out of their hand
    PLAN = "plan"  # routes: make, change, delete
    ORIGINALS = "originals"  # name the key to which dogs seal them, and open one, for a reason that is written down
    EXPORT = "export"  # an incident as an evidence package: out of the station
    AUDIT = "audit"  # read what everybody did
    ENROL = "enrol"  # invite dogs, and take everything from them
    ACCOUNTS = "accounts"  # make, change and disable them


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    EVIDENCE_OFFICER = "evidenceOfficer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_OPERATOR = frozenset({Right.SEE, Right.LOOK, Right.WATCH, Right.ACKNOWLEDGE, Right.COMMAND, Right.PLAN})
RIGHTS = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _OPERATOR | {Right.AUDIT, Right.EXPORT, Right.OVERRULE},
    Role.EVIDENCE_OFFICER: frozenset({Right.SEE, Right.LOOK, Right.EXPORT, Right.ORIGINALS}),
    Role.AUDITOR: frozenset({Right.SEE, Right.AUDIT, Right.EXPORT}),
    Role.ADMINISTRATOR: frozenset(Right) - {Right.ORIGINALS},  # who runs the station opens none
}


def rights_of(role: str) -> frozenset[Right]:
    """The rights of a role; one that is not known has none."""
    return RIGHTS[Role(role)] if role in set(Role) else frozenset()
