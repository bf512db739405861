"""One division of Exact Online as a trial looks at it: every call counted, and some looks of its own."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.exact import payload
from portal.exact.client import ACCOUNTS, ExactClient
from portal.exact.limits import DAY, MINUTE, read_limits
from portal.remote.counted import CountedLane
from portal.remote.errors import HeldBackError
from portal.remote.pace import Lane

PERIODS = "financial/FinancialPeriods"
BLOCKING = 5


class TrialClient(ExactClient):
    """An ``ExactClient`` whose calls are counted. Its transport must not repeat any by itself."""

    def __init__(
        self, base_url: str, division: int, *, lane: Lane, spend: Callable[[], None], **how: Any
    ) -> None:
        self._counted = CountedLane(lane, self._spend)
        self._allow = spend
        super().__init__(base_url, division, lane=self._counted, **how)

    @property
    def errors(self) -> int:
        """How many answers count as errors at Exact."""
        return self._counted.errors

    def told_limits(self) -> Mapping[str, int | None]:
        """Return the limits that the last answer told, by their names."""
        now = self._counted.learned_at
        if now is None:
            return {}
        told = read_limits(self._counted.headers, 200, now)
        return {each.name: each.limit for each in told if each.name in (MINUTE, DAY)}

    def read_page_sizes(self) -> list[int]:
        """Return how many rows the first two pages of a long list have."""
        pages = self._session.each_page(PERIODS, {"select": "ID"})
        return [len(page) for page in islice(pages, 2)]

    def delete_customer(self, customer_id: str) -> None:
        """Remove an account. One that is already gone is no failure."""
        question = {"filter": payload.filter_line(customer_id), "select": "ID"}
        self._delete(ACCOUNTS, customer_id, question)

    def look_at(self, url: str) -> tuple[int, str]:
        """Ask for a page as a stranger does, without the sign-in. Returns its status and text."""
        self._counted.spend()
        answer = self._session.transport.call("GET", url, headers={"Accept": "text/html"})
        return answer.status, answer.text

    def _spend(self) -> None:
        """Count a call. After several errors in this trial no more are risked."""
        if self.errors >= BLOCKING:
            raise HeldBackError(said(Failed.TRIAL_REFUSED_OFTEN))
        self._allow()
