"""The few values of a column among many rows, each by one step into the index: `DISTINCT` would walk through it all."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def index_steps(session: Session, column: InstrumentedAttribute[str], which: ColumnElement[bool]) -> list[str]:
    """All values of ``column`` in the rows of ``which``, in order; an index has to begin with these two.

    In one query, the least of what is left again and again (the "loose index scan" of PostgreSQL's wiki).
    """
    least = select(func.min(column).label("value")).where(which).cte("steps", recursive=True)
    following = select(func.min(column)).where(which, column > least.c.value).scalar_subquery()
    steps = least.union_all(select(following).where(least.c.value.is_not(None)))
    found = session.scalars(select(steps.c.value).where(steps.c.value.is_not(None)))
    return sorted(found)
