"""Receipts and settlements, and the traces they leave."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.exact.client import Exact, day_of

SPLITS = ["same-row", "delete-insert", "matched-new"]


def amounts(rows: list[dict[str, Any]], status: int) -> list[float]:
    return sorted(row["AmountFC"] for row in rows if row["Status"] == status)


def own_rows(exact: Exact, kind: int) -> list[dict[str, Any]]:
    return [row for row in exact.terms() if row["TransactionType"] == kind]


def new_rows(exact: Exact, before: list[dict[str, Any]], kind: int) -> list[dict[str, Any]]:
    known = {row["ID"] for row in before}
    return [row for row in exact.terms() if row["TransactionType"] == kind and row["ID"] not in known]


def cursor(rows: list[dict[str, Any]]) -> int:
    return max(int(row["Timestamp"]) for row in rows)


@pytest.mark.parametrize("split", SPLITS)
def test_a_part_payment_splits_the_term_in_the_chosen_way(exact: Exact, split: str) -> None:
    entry = exact.post_entry()["EntryID"]
    old = exact.terms(entry)[0]
    exact.receive("50.00", (entry, "50.00"), split=split)
    rows = exact.terms(entry)
    assert amounts(rows, 50) == [-50.0]
    assert amounts(rows, 20) == [-71.0]
    assert len({row["TransactionID"] for row in rows}) == 1
    survivor = next((row for row in rows if row["ID"] == old["ID"]), None)
    expected = {"same-row": -50.0, "delete-insert": None, "matched-new": -71.0}[split]
    assert (survivor["AmountFC"] if survivor else None) == expected
    tombs = [row["EntityKey"] for row in exact.deleted()]
    assert tombs == ([old["ID"]] if split == "delete-insert" else [])
    assert all(int(row["Timestamp"]) > int(old["Timestamp"]) for row in rows)


def test_a_matched_part_tells_when_it_was_paid(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    exact.receive("121.00", (entry, "121.00"))
    row = exact.terms(entry)[0]
    assert (row["Status"], row["IsFullyPaid"]) == (50, True)
    assert day_of(row["LastPaymentDate"]) == day_of(row["EndDate"]) == exact.day()


@pytest.mark.parametrize("split", SPLITS)
def test_three_tranches_settle_an_invoice(exact: Exact, split: str) -> None:
    entry = exact.post_entry()["EntryID"]
    for part in ("20.00", "30.00", "71.00"):
        exact.receive(part, (entry, part), split=split)
    rows = exact.terms(entry)
    assert amounts(rows, 50) == [-71.0, -30.0, -20.0]
    assert amounts(rows, 20) == []


@pytest.mark.parametrize("split", SPLITS)
def test_taking_a_receipt_back_opens_the_term_again(exact: Exact, split: str) -> None:
    entry = exact.post_entry()["EntryID"]
    before = cursor(exact.terms())
    receipt = exact.receive("50.00", (entry, "50.00"), split=split)
    middle = {row["ID"] for row in exact.terms(entry)}
    exact.door("DELETE", f"receipts/{receipt}")
    rows = exact.terms(entry)
    assert [(row["Status"], row["AmountFC"]) for row in rows] == [(20, -121.0)]
    assert rows[0]["LastPaymentDate"] is None
    assert cursor(rows) > before
    gone = {row["EntityKey"] for row in exact.deleted()}
    assert middle - {row["ID"] for row in rows} <= gone


@pytest.mark.parametrize("split", SPLITS)
def test_editing_a_receipt_changes_amount_and_date(exact: Exact, split: str) -> None:
    entry = exact.post_entry()["EntryID"]
    receipt = exact.receive("50.00", (entry, "50.00"), split=split)
    # Of last year, so that it is past in January, too.
    day = f"{exact.books.today().year - 1}-01-15"
    exact.door("PATCH", f"receipts/{receipt}", {"amount": "60.00", "date": day})
    rows = exact.terms(entry)
    assert amounts(rows, 50) == [-60.0]
    assert amounts(rows, 20) == [-61.0]
    matched = next(row for row in rows if row["Status"] == 50)
    assert day_of(matched["LastPaymentDate"]) == day
    assert day_of(matched["EndDate"]) == exact.day()


def test_a_receipt_for_one_invoice_carries_its_reference(exact: Exact) -> None:
    before = exact.terms()
    entry = exact.post_entry(YourRef="ONE")
    exact.receive("121.00", (entry["EntryID"], "121.00"))
    [bank] = new_rows(exact, before, 40)
    assert (bank["YourRef"], bank["InvoiceNumber"]) == ("ONE", entry["InvoiceNumber"])
    assert (bank["AmountFC"], bank["TransactionAmountFC"], bank["Status"]) == (121.0, -121.0, 50)


def test_one_transfer_pays_three_invoices(exact: Exact) -> None:
    before = exact.terms()
    entries = [exact.post_entry(YourRef=f"T{number}")["EntryID"] for number in range(3)]
    exact.receive("300.00", (entries[0], "121.00"), (entries[1], "121.00"), (entries[2], "58.00"))
    assert [amounts(exact.terms(entry), 50) for entry in entries] == [[-121.0], [-121.0], [-58.0]]
    assert amounts(exact.terms(entries[2]), 20) == [-63.0]
    [bank] = new_rows(exact, before, 40)
    assert (bank["YourRef"], bank["InvoiceNumber"], bank["AmountFC"]) == (None, None, 300.0)


def test_an_over_payment_stays_open_on_the_customer(exact: Exact) -> None:
    before = exact.terms()
    entry = exact.post_entry()
    exact.receive("150.00", (entry["EntryID"], "150.00"))
    rows = new_rows(exact, before, 40)
    assert amounts(rows, 50) == [121.0]
    assert amounts(rows, 20) == [29.0]
    assert {row["Account"] for row in rows} == {entry["Customer"]}
    items = exact.rows("read/financial/ReceivablesList", filter="Amount lt 0")
    assert -29.0 in [item["Amount"] for item in items]


def test_a_credit_note_can_be_netted_in_a_transfer(exact: Exact) -> None:
    invoice = exact.post_entry()["EntryID"]
    credit = exact.post_entry("-50")["EntryID"]
    exact.receive("60.50", (invoice, "121.00"), (credit, "-60.50"))
    assert amounts(exact.terms(invoice), 50) == [-121.0]
    assert amounts(exact.terms(credit), 50) == [60.5]


def test_instalments_are_settled_in_the_order_of_their_due_dates(exact: Exact) -> None:
    entry = exact.post_entry(PaymentCondition="5050")["EntryID"]
    exact.receive("70.00", (entry, "70.00"))
    rows = sorted(exact.terms(entry), key=lambda row: (row["DueDate"], row["Status"]))
    assert [(row["Status"], row["AmountFC"]) for row in rows] == [(50, -60.5), (20, -51.0), (50, -9.5)]


@pytest.mark.parametrize(("kind", "code"), [("discount", 83), ("writeoff", 83), ("exchange", 82)])
def test_a_settlement_without_money_has_a_difference_of_the_same_end_date(
    exact: Exact, kind: str, code: int
) -> None:
    entry = exact.post_entry()
    exact.receive("118.58", (entry["EntryID"], "118.58"))
    exact.settle(entry["EntryID"], kind, "2.42")
    rows = exact.terms(entry["EntryID"])
    assert amounts(rows, 50) == [-118.58, -2.42]
    [difference] = own_rows(exact, code)
    cut = next(row for row in rows if row["AmountFC"] == -2.42)
    assert (difference["AmountFC"], difference["Account"]) == (2.42, entry["Customer"])
    assert difference["EndDate"] == cut["EndDate"]


def test_a_credit_settles_with_an_entry_of_type_21(exact: Exact) -> None:
    entry = exact.post_entry()
    done = exact.settle(entry["EntryID"], "credit", "121.00")
    assert amounts(exact.terms(entry["EntryID"]), 50) == [-121.0]
    [credit] = [row for row in exact.terms() if row["TransactionType"] == 21 and row["AmountFC"] == 121.0]
    assert (credit["TransactionType"], credit["Status"], credit["Account"]) == (21, 50, entry["Customer"])
    assert credit["EndDate"] == exact.terms(entry["EntryID"])[0]["EndDate"]
    exact.door("DELETE", f"receipts/{done}")
    assert amounts(exact.terms(entry["EntryID"]), 20) == [-121.0]


def test_receivables_and_terms_agree_and_add_up(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    exact.receive("50.00", (entry, "50.00"), split="2")
    rows = exact.rows(
        "cashflow/Receivables",
        select="ID,AmountFC,Status,AccountCode",
        filter=f"TransactionEntryID eq guid'{entry}'",
    )
    assert sorted(row["ID"] for row in rows) == sorted(row["ID"] for row in exact.terms(entry))
    assert sum(Decimal(str(row["AmountFC"])) for row in rows) == Decimal("-121")
    assert exact.rows(
        "cashflow/Receivables", select="ID", filter="IsFullyPaid eq false and AccountCode ne ''"
    )


def test_deleting_a_paid_entry_by_the_back_door_frees_the_money(exact: Exact) -> None:
    before = exact.terms()
    entry = exact.post_entry()["EntryID"]
    exact.receive("121.00", (entry, "121.00"))
    exact.door("DELETE", f"1001/SalesEntries/{entry}")
    assert exact.terms(entry) == []
    assert amounts(new_rows(exact, before, 40), 20) == [121.0]


def test_purchase_terms_are_in_sync_but_not_in_receivables(exact: Exact) -> None:
    assert {row["LineType"] for row in exact.terms()} == {20, 22}
    count = len([row for row in exact.terms() if row["LineType"] == 20])
    assert len(exact.rows("bulk/Cashflow/Receivables", select="ID")) == count


def test_only_changed_terms_come_after_a_cursor(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    seen = cursor(exact.terms())
    assert exact.rows("sync/Cashflow/PaymentTerms", select="ID", filter=f"Timestamp gt {seen}L") == []
    exact.receive("5.00", (entry, "5.00"))
    fresh = exact.rows("sync/Cashflow/PaymentTerms", select="ID", filter=f"Timestamp gt {seen}L")
    assert len(fresh) == 3


def test_bank_entries_show_the_receipt(exact: Exact) -> None:
    entry = exact.post_entry()
    exact.receive("121.00", (entry["EntryID"], "121.00"))
    condition = f"OurRef eq {entry['InvoiceNumber']}"
    row = exact.only("financialtransaction/BankEntryLines", filter=condition)
    assert row["AmountFC"] == 121.0
    condition = f"EntryID eq guid'{row['EntryID']}' and Type eq 40"
    assert len(exact.rows("financialtransaction/TransactionLines", select="ID", filter=condition)) == 2
