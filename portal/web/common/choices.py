"""The options of selects and radio buttons."""

from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs


def a_choice(value: str, label: str) -> Any:
    """Return one option of a select or a group of radio buttons."""
    return SelectChoice(value, label)
