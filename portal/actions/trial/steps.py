"""The steps of a trial in their order, and which assumptions each one sees."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.actions.trial import entry_steps, house_steps, productive_steps, term_steps
from portal.actions.trial.turn import Turn


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trial."""

    # Without ``needed`` a failure of it lets the others go on. Where it sees a single assumption, a refusal
    # is the verdict on it. ``asks`` says that a person must do something before it.

    code: str
    title: str
    look: Callable[[Turn], None]
    sees: tuple[str, ...] = ()
    needed: bool = False
    asks: bool = False


STEPS: tuple[Step, ...] = (
    Step("division", "Check the division's name", house_steps.check_division, needed=True),
    Step("user", "Ask who signed in", house_steps.look_at_user),
    Step("sign-in", "Look at the sign-in", house_steps.look_at_sign_in, ("token-life",)),
    Step("feeds", "Read the feeds to their end", term_steps.read_to_end),
    Step("pages", "Look at pages and limits", house_steps.look_at_pages, ("page-sizes", "limit-headers")),
    Step("customer", "Create a customer", entry_steps.make_customer, ("customer-made",)),
    Step(
        "invoice",
        "Book an entry and find it again",
        entry_steps.book_invoice,
        (
            "post-answer",
            "padded-codes",
            "find-by-number",
            "lines-along",
            "notes-kept",
            "vat-kept",
            "vat-rounding",
            "due-date-kept",
            "texts-kept",
            "invoice-number",
        ),
    ),
    Step("credit", "Book a credit note", entry_steps.book_credit, ("credit-amounts", "credit-type")),
    Step("foreign", "Book an entry in a foreign currency", entry_steps.book_foreign, ("foreign-rate",)),
    Step(
        "terms",
        "Look at what is due",
        term_steps.look_at_terms,
        ("term-feed", "term-sign", "term-kind"),
    ),
    Step("open terms", "Read all that is open", term_steps.look_at_open_terms, ("open-terms",)),
    Step("asked terms", "Ask for the terms of one entry", term_steps.ask_for_terms, ("terms-by-entry",)),
    Step("addresses", "Open the pages of Exact", house_steps.look_at_addresses, ("entry-page", "vat-page")),
    Step("line", "Change one line", entry_steps.change_line, ("line-modified",)),
    Step("change", "Change the entry", entry_steps.change_entry, ("header-change", "line-totals")),
    Step("refusal", "Read a refusal", entry_steps.be_refused, ("error-words",)),
    Step("rights", "Look at Productive", productive_steps.look_at_rights, ("productive-rights",)),
    Step("fields", "Read the invoice", productive_steps.look_at_invoice, ("productive-fields",)),
    Step("payment", "Record a payment of one cent", productive_steps.make_payment, ("payment-made",)),
    Step("changes", "Ask what changed", productive_steps.look_at_changes, ("productive-changes",)),
    Step("mark", "Mark the invoice as exported", productive_steps.mark_invoice, ("productive-mark",)),
    Step("unmark", "Take the mark off", productive_steps.unmark_invoice, ("productive-unmark",)),
    Step("changed payment", "Change it", productive_steps.change_payment, ("payment-changed",)),
    Step("write-off", "Write it off", productive_steps.write_payment_off, ("payment-written-off",)),
    Step("removed payment", "Remove it", productive_steps.remove_payment, ("payment-removed",)),
    Step("deletion", "Delete an entry", term_steps.delete_credit, ("entry-deleted", "deleted-terms")),
    Step("receipt", "Look at a receipt", term_steps.look_at_receipt, ("receipt-split",), asks=True),
)
