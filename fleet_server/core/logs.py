"""The log on stderr: for people, or a JSON object a line for programs; each with its request's or patrol's id."""

import logging
import sys
from enum import StrEnum

import structlog
from structlog.typing import Processor


class LogFormat(StrEnum):
    """How a line of the log looks."""

    TEXT = "text"
    JSON = "json"


def log_to_stderr(form: LogFormat = LogFormat.TEXT) -> None:
    """Send our lines and other programs' warnings there, all in the one form."""
    # Plain tracebacks: with the values of variables a log would hold what dogs saw, and writing one takes seconds.
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if form is LogFormat.JSON:
        end: list[Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        end = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(processors=[*before, *end], logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
            foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[others], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
