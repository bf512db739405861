"""Whether an invoice has room for a payment."""

import pytest

from portal.domain.payments.room import Fit, Room


@pytest.mark.parametrize(
    ("credited", "strangers", "ours", "ours_later", "amount", "verdict"),
    [
        (0, 0, 0, 0, 12100, Fit.FREE),
        (0, 0, 0, 0, 12101, Fit.ASK),
        (0, 12100, 0, 0, 1, Fit.ASK),
        (0, 5000, 0, 0, 7100, Fit.FREE),
        (5000, 0, 0, 0, 7101, Fit.ASK),
        (0, 0, 5000, 5000, 7100, Fit.FREE),
        (0, 0, 5000, 0, 12100, Fit.LATER),
        (0, 5000, 5000, 2000, 5100, Fit.LATER),
        (0, 5000, 5000, 2000, 5101, Fit.ASK),
    ],
)
def test_a_payment_fits_fits_later_or_is_asked_about(
    credited: int, strangers: int, ours: int, ours_later: int, amount: int, verdict: Fit
) -> None:
    assert Room(12100, credited, strangers, ours, ours_later).judge(amount) == verdict


def test_the_excess_counts_everything_that_stays() -> None:
    assert Room(12100, 100, 12000, 300, 200).excess(1000) == 1200
