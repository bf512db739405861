"""Productive's webhooks: one event each, signed with a token of its own, over the moment and the raw body."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from portal.sandbox.common.courier import Courier
from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import BLANK, INVALID, Ask, as_text
from portal.sandbox.productive.errors import invalid
from portal.sandbox.productive.rows import Tables, Webhook

# The ids are Productive's. [L] Of the names only those of tasks are seen, such as create_task.
EVENTS = {
    "create_invoice": 2,
    "update_invoice": 14,
    "delete_invoice": 15,
    "create_company": 29,
    "create_payment": 32,
    "update_payment": 33,
    "delete_payment": 34,
}
_ALL_EVENTS = range(1, 36)
_TYPES = (1, 2)

Describe = Callable[[str, int], Mapping[str, object]]


def _say_little(type_: str, id_: int) -> Mapping[str, object]:
    return {"id": str(id_), "type": type_}


@dataclass
class Hooks:
    """Tells those who asked of what changes. ``describe`` is how a record looks in the API."""

    courier: Courier = field(default_factory=Courier)
    describe: Describe = _say_little

    def tell(self, tables: Tables, event: str, id_: int, moment: str) -> None:
        """Tell of a change to a record."""
        asked = [each for each in tables.webhooks.values() if each.event_id == EVENTS[event]]
        if not asked:
            return

        item = event.partition("_")[2]
        type_ = "companies" if item == "company" else f"{item}s"
        told = {
            "event": event,
            "item_type": item,
            "item_id": str(id_),
            "object": {"data": self.describe(type_, id_), "included": []},
        }

        body = json.dumps(told).encode()
        stamp = str(int(datetime.fromisoformat(moment).timestamp()))
        for each in asked:
            self.courier.send(each.target_url, body, _headers(each, stamp, body))


def _headers(hook: Webhook, stamp: str, body: bytes) -> dict[str, str]:
    signed = stamp.encode() + b"." + body
    signature = hmac.new(hook.signature_token.encode(), signed, hashlib.sha256).hexdigest()
    return {**(hook.custom_headers or {}), "Productive-Signature": f"t={stamp}, s={signature}"}


def make_webhook(id_: int, event_id: int, target_url: str, name: str = "") -> Webhook:
    """A webhook with a token of its own."""
    return Webhook(
        id=id_,
        name=name,
        event_id=event_id,
        target_url=target_url,
        signature_token=secrets.token_hex(16),
    )


def read_webhook(ask: Ask, id_: int) -> Webhook:
    """A webhook as ``POST /webhooks`` asks for it, or 422 with everything that is wrong."""
    name = as_text(ask.attributes.get("name"))
    url = as_text(ask.attributes.get("target_url"))
    event = parse_id(ask.attributes.get("event_id"))
    type_ = parse_id(ask.attributes.get("type_id", 1))
    headers = ask.attributes.get("custom_headers")
    given = {"name": name, "target_url": url, "event_id": ask.attributes.get("event_id")}
    faults = {each: BLANK for each, value in given.items() if value in (None, "")}
    if "event_id" not in faults and event not in _ALL_EVENTS:
        faults["event_id"] = INVALID

    if "target_url" not in faults and not is_address(url or ""):
        faults["target_url"] = INVALID

    if type_ not in _TYPES:
        faults["type_id"] = INVALID

    if headers is not None and not _are_headers(headers):
        faults["custom_headers"] = INVALID

    if faults:
        raise invalid(faults)

    made = make_webhook(id_, event or 0, url or "", name or "")
    made.type_id = type_ or 1
    made.custom_headers = {str(key): str(value) for key, value in _items(headers)} or None

    return made


def is_address(url: str) -> bool:
    """Whether a webhook can be sent there."""
    try:
        site = urlsplit(url)
        has_place = bool(site.hostname) and (site.port is None or site.port > 0)
    except ValueError:
        return False
    return site.scheme in ("http", "https") and has_place and url.isascii() and url.isprintable()


def _are_headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str)
        and text.isascii()
        and text.isprintable()
        and text
        and ":" not in name
        and " " not in name
        for name, content in value.items()
        for text in (name, content)
    )


def _items(value: object) -> list[tuple[object, object]]:
    return list(value.items()) if isinstance(value, dict) else []
