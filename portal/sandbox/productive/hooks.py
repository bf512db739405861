"""Productive's webhooks: one event each, signed with a token of its own, over the moment and the raw body."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from portal.sandbox.common.courier import Courier

# [L] The names of the events of invoices are not documented; the ids are.
EVENTS = {"new_invoice": 2, "updated_invoice": 14}


@dataclass(frozen=True)
class Hook:
    """A webhook that a person set up."""

    event_id: int
    target_url: str
    signature_token: str


@dataclass
class Hooks:
    """Everything that was set up; it does not outlive the process."""

    courier: Courier = field(default_factory=Courier)
    all: list[Hook] = field(default_factory=list)

    def add(self, event_id: int, target_url: str) -> Hook:
        """Set one up; its token is shown once it is made."""
        made = Hook(event_id, target_url, secrets.token_hex(16))
        self.all.append(made)
        return made

    def tell(self, event: str, invoice_id: str, moment: str) -> None:
        """Tell of a change to an invoice."""
        for each in self.all:
            if each.event_id == EVENTS[event]:
                self._send(each, event, invoice_id, moment)

    def _send(self, hook: Hook, event: str, invoice_id: str, moment: str) -> None:
        resource = {"data": {"id": invoice_id, "type": "invoices"}}
        told = {"event": event, "item_type": "invoice", "item_id": invoice_id, "object": resource}
        body, stamp = json.dumps(told).encode(), str(int(datetime.fromisoformat(moment).timestamp()))
        key = hook.signature_token.encode()
        signature = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        header = {"Productive-Signature": f"t={stamp}, s={signature}"}
        self.courier.send(hook.target_url, body, header)
