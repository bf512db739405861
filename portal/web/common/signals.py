"""What the navigation and the tab's title say of what needs somebody."""

from flask_babel import ngettext


def needs_words(count: int) -> str:
    """Say how much needs somebody, for those who hear the number."""
    return str(ngettext("%(num)d needs you", "%(num)d need you", count))
