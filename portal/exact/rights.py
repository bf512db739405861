"""What must be allowed in Exact: one harmless question per endpoint, asked once and on demand."""

from dataclasses import dataclass

from portal.exact.payload import filter_name, filter_since
from portal.exact.session import ExactSession
from portal.remote.errors import MissingRightError, NotFoundError

FAR_AHEAD = 9_000_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Right:
    """An endpoint that is needed, the permission it asks for, and the words for people."""

    path: str
    scope: str
    name: str
    key: str = "ID"
    filter: str = ""

    @property
    def question(self) -> dict[str, str]:
        """Return the smallest read there is. A feed is asked for what lies far ahead."""
        asked = {"filter": self.filter, "select": self.key}
        return asked if self.path.startswith("sync/") else {**asked, "top": "1"}


RIGHTS = (
    Right("financial/Journals", "Financial generalledgers (Read)", "journals"),
    Right("financial/GLAccounts", "Financial generalledgers (Read)", "ledger accounts"),
    Right("vat/VATCodes", "Financial accounting (Manage)", "VAT codes"),
    Right("vat/VatPercentages", "Financial accounting (Manage)", "VAT percentages"),
    Right("financial/FinancialPeriods", "Financial accounting (Manage)", "financial periods"),
    Right("salesentry/SalesEntries", "Financial accounting (Manage)", "sales entries", key="EntryID"),
    Right("salesentry/SalesEntryLines", "Financial accounting (Manage)", "sales entry lines"),
    Right("crm/Accounts", "Crm accounts (Manage)", "customers", filter=filter_name("-")),
    Right("sync/CRM/Accounts", "Crm accounts (Manage)", "changed customers", filter=filter_since(FAR_AHEAD)),
    Right("general/Currencies", "Financial currencies (Read)", "currencies", key="Code"),
    Right("hrm/Costcenters", "Financial costcenters (Read)", "cost centres"),
    Right("cashflow/PaymentConditions", "Financial cashflow (Read)", "payment conditions"),
    Right(
        "sync/Cashflow/PaymentTerms",
        "Financial cashflow (Read)",
        "payment terms",
        filter=filter_since(FAR_AHEAD),
    ),
    Right("cashflow/Receivables", "Financial receivables (Read)", "receivables"),
    Right(
        "sync/Deleted",
        "Organization administration (Read)",
        "deleted records",
        filter=filter_since(FAR_AHEAD),
    ),
)


def find_missing(session: ExactSession) -> list[str]:
    """Ask every endpoint once and say in words what is missing."""
    return [sentence for right in RIGHTS if (sentence := _find_lack(session, right))]


def _find_lack(session: ExactSession, right: Right) -> str | None:
    try:
        session.probe(right.path, right.question)
    except MissingRightError as error:
        return f"{right.scope}, for {right.name}. Exact says: {error.text}"
    except NotFoundError:
        return f"{right.scope}, for {right.name}: the licence has no such module."

    return None
