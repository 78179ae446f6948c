"""What an account may be called, whoever makes it."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, TypeAdapter, ValidationError

from fleet_server.audit.log import SERVER


def _nobody_elses(name: str) -> str:
    if name.lower() == SERVER:
        raise ValueError("the audit log calls the server itself so")
    return name


AccountName = Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,64}$"), AfterValidator(_nobody_elses)]
_rule = TypeAdapter(AccountName)


def is_account_name(text: str) -> bool:
    """Whether an account may be called so."""
    try:
        _rule.validate_python(text)
    except ValidationError:
        return False
    return True
