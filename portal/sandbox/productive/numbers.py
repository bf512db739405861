"""Invoice numbers: one series per subsidiary and year."""

from portal.sandbox.productive.state import Sandbox


def next_number(state: Sandbox, subsidiary_id: int, day: str) -> str:
    """The next number of the subsidiary's format in the year of that day."""
    subsidiary = state.tables.subsidiaries[subsidiary_id]
    series = f"{subsidiary_id}:{day[:4]}"
    count = state.tables.last_numbers.get(series, 0) + 1
    state.tables.last_numbers[series] = count
    return f"{subsidiary.number_prefix}{day[:4]}-{count:0{subsidiary.number_digits}}"
