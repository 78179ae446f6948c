"""The seconds between two times, counted by the database."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_between(FunctionElement[float]):  # noqa: N801 - it is used as a function of SQL
    """``seconds_between(earlier, later)``."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(seconds_between, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(each, **more) for each in element.clauses)
    return f"(julianday({later}) - julianday({earlier})) * 86400.0"


@compiles(seconds_between, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(each, **more) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({later} - {earlier}))"
