"""Logs: one JSON object per line on standard error, without bodies, query strings and secrets."""

import logging
import sys
from typing import Any

import structlog

from portal.redact import strike_out

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def without_secrets(_logger: Any, _method: str, line: str) -> str:
    """Strike the secrets out of a finished line, tracebacks and libraries' words included."""
    return strike_out(line)


def configure_logs() -> None:
    """Send structlog's and every library's lines through one JSON formatter."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
                without_secrets,  # type: ignore[list-item] # the type knows no step after the rendering
            ],
        )
    )

    root = logging.getLogger()
    ours = [old for old in root.handlers if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter)]
    for old in ours:
        root.removeHandler(old)

    root.addHandler(handler)
    root.setLevel(logging.INFO)
