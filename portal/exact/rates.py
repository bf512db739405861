"""Reads Exact's own exchange rates, newest first, as far as they are needed."""

from itertools import islice

from portal.domain.booking.catalogue import ExchangeRate
from portal.exact.odata import Json
from portal.exact.row import Row
from portal.exact.session import ExactSession
from portal.remote.errors import BadAnswerError, MissingRightError, NotFoundError

RATE = "SourceCurrency,TargetCurrency,Rate,StartDate"
# A division whose rates come every day has too many to read them all.
MOST_PAGES = 5


def read_rates(session: ExactSession) -> tuple[ExchangeRate, ...]:
    """Return the newest rates, none where the user may not see them."""
    options = {"select": RATE, "orderby": "StartDate desc"}
    pages = session.each_page("financial/ExchangeRates", options)

    try:
        rows = [row for page in islice(pages, MOST_PAGES) for row in page]
    except (NotFoundError, MissingRightError):
        return ()

    found = [_parse_rate(row) for row in rows]
    return tuple(rate for rate in found if rate is not None)


def _parse_rate(fields: Json) -> ExchangeRate | None:
    """Read a rate, None for one without a day, or that is no rate.

    Exact stores it as "1 TARGET CURRENCY = x SOURCE CURRENCY", and the source is the foreign one
    (https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=FinancialExchangeRates).
    """
    row = Row(fields)
    try:
        since = row.find_date("StartDate")
        rate = row.find_decimal("Rate")
        foreign = row.find_text("SourceCurrency")
        own = row.find_text("TargetCurrency")
    except BadAnswerError:
        return None

    if since is None or not rate or rate <= 0 or not foreign or not own:
        return None

    return ExchangeRate(foreign.strip(), own.strip(), 1 / rate, since)
