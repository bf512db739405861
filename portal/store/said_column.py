"""Columns of what is said: its code and its values, never its sentence."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.domain.said import Said, Value, read_values, spell_values


class SaidColumn(TypeDecorator[Said]):
    """What is said, stored as JSON."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def process_bind_param(self, value: Said | None, _dialect: Dialect) -> str | None:
        """Store it as JSON."""
        return None if value is None else _dump(value.to_json())

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Said | None:
        """Read it back."""
        return None if value is None else Said.from_json(json.loads(value))


class SaidString(SaidColumn):
    """The same, in a column that held sentences before."""

    impl = String
    cache_ok = True


class ValuesColumn(TypeDecorator[Mapping[str, Value]]):
    """The values of what is said, where its code has a column of its own."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Value] | None, _dialect: Dialect) -> str | None:
        """Store them as JSON."""
        return None if value is None else _dump(spell_values(value))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Mapping[str, Value] | None:
        """Read them back."""
        return None if value is None else read_values(json.loads(value))


def _dump(plain: object) -> str:
    # Names stay readable, so that they are found.
    return json.dumps(plain, ensure_ascii=False)
