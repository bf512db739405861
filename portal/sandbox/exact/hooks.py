"""Exact's webhooks: which topic a change belongs to, and how Exact signs what it sends."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from portal.sandbox.common.courier import Courier

TOPICS = {
    "Accounts",
    "BankAccounts",
    "BankEntries",
    "CashEntries",
    "DocumentAttachments",
    "Documents",
    "GLAccounts",
    "GeneralJournalEntries",
    "SalesEntries",
}


@dataclass
class Postman:
    """Sends the webhooks of one registered app."""

    client_id: str = ""
    secret: str = ""
    sites: frozenset[str] = frozenset()
    courier: Courier = field(default_factory=Courier)

    def tell(self, url: str, topic: str, division: int, action: str, key: str) -> None:
        """Tell of a change. The signature is over the content as it stands in the body."""
        content = json.dumps(
            {
                "Topic": topic,
                "ClientId": self.client_id,
                "Division": division,
                "Action": action,
                "Key": key,
                "ExactOnlineEndpoint": f"https://start.exactonline.nl/api/v1/{division}/{topic}(guid'{key}')",
            },
            separators=(",", ":"),
        )

        code = hmac.new(self.secret.encode(), content.encode(), hashlib.sha256).hexdigest().upper()
        self.courier.send(url, f'{{"Content":{content},"HashCode":"{code}"}}'.encode(), {})
