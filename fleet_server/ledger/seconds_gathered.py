"""Thousands of times as one answer of the database: read one by one, they cost ten times as much."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from fleet_server.ledger.seconds_between import seconds_between


class seconds_gathered(FunctionElement[str]):  # noqa: N801 - it is used as a function of SQL
    """``seconds_gathered(since, column)``: an aggregate that ``seconds_of`` reads; of SQLite by the millisecond."""

    type = Text()
    inherit_cache = True
    name = "seconds_gathered"


@compiles(seconds_gathered, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_group_array({compiler.process(seconds_between(*element.clauses), **more)})"


@compiles(seconds_gathered, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(json_agg({compiler.process(seconds_between(*element.clauses), **more)}) AS text)"


def seconds_of(gathered: str) -> NDArray[np.float64]:
    """The seconds, in order."""
    return np.sort(np.array(msgspec.json.decode(gathered, type=list[float]), dtype=np.float64))
