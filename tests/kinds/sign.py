"""Invoices whose kind, sign and journal agree or do not: what a person is told or asked.

``nets`` are the lines in cents, at 21 %. Journals: 70 and 72 for sales, 71 of Exact's type for credit notes.
"""

from dataclasses import dataclass

ONE = 1
CREDIT = 2
UNKNOWN = 3


@dataclass(frozen=True)
class SignCase:
    """One invoice. ``credit`` is the connection's journal for credit notes, ``journal`` what is chosen."""

    name: str
    kind: int
    nets: tuple[int, ...]
    expected: tuple[str, ...] = ()
    journal: str | None = None
    credit: str | None = "71"
    default: str = "70"


SIGNS = (
    SignCase("the issue's: a credit note of +121.00", CREDIT, (10000,), ("credit_note_charges",)),
    SignCase(
        "the same without a journal for credits", CREDIT, (10000,), ("credit_note_charges",), credit=None
    ),
    SignCase("the same in a sales journal", CREDIT, (10000,), ("credit_note_charges",), "70"),
    SignCase("a credit note that charges in the sum", CREDIT, (-5000, 5001), ("credit_note_charges",)),
    SignCase("a credit note with a line that charges", CREDIT, (-5000, 2000)),
    SignCase("a credit note of one cent", CREDIT, (1,), ("credit_note_charges",)),
    SignCase("a credit note", CREDIT, (-10000,)),
    SignCase("a credit note where there is one journal", CREDIT, (-10000,), credit=None),
    SignCase("a credit note whose journal is the default", CREDIT, (-10000,), credit="70"),
    SignCase("a credit note in a sales journal", CREDIT, (-10000,), ("journal_for_sales",), "70"),
    SignCase("a credit note in another journal for credits", CREDIT, (-10000,), (), "71", "72"),
    SignCase("a credit note of nothing", CREDIT, (0,)),
    SignCase("a credit note of nothing in the sum", CREDIT, (-5000, 5000)),
    SignCase("an invoice", ONE, (10000,)),
    SignCase("an invoice of nothing", ONE, (5000, -5000)),
    SignCase("an invoice with a line that gives back", ONE, (10000, -3000)),
    SignCase("an invoice that gives back", ONE, (-10000,), ("invoice_gives_back",)),
    SignCase("an invoice that gives back in the sum", ONE, (10000, -10001), ("invoice_gives_back",)),
    SignCase("an invoice that gives back, with the credits", ONE, (-10000,), ("invoice_gives_back",), "71"),
    SignCase("an invoice among the credits", ONE, (10000,), ("journal_for_credits",), "71"),
    SignCase(
        "an invoice in Exact's journal for credits", ONE, (10000,), ("journal_for_credits",), "71", None
    ),
    SignCase(
        "an invoice in the connection's journal for credits",
        ONE,
        (10000,),
        ("journal_for_credits",),
        "72",
        "72",
    ),
    SignCase(
        "an invoice where the default is of the type for credits",
        ONE,
        (10000,),
        ("journal_for_credits",),
        None,
        "71",
        "71",
    ),
    SignCase("an invoice of nothing among the credits", ONE, (5000, -5000), ("journal_for_credits",), "71"),
    SignCase("a document of a third kind", UNKNOWN, (10000,), ("kind_unknown",)),
)
