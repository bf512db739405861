"""Builds webhooks as Exact and Productive send them."""

import hashlib
import hmac
import json

EXACT_SECRET = "exact-hook-secret"
TOKEN = "productive-token"


def an_exact_hook(topic: str = "BankEntries", *, secret: str = EXACT_SECRET, division: int = 101) -> bytes:
    """A webhook of Exact, spelt with spaces that a re-serialisation would lose."""
    content = f'{{"Topic":"{topic}",  "Division":{division},"Action":"Create","Key":"ä"}}'.encode()
    code = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest().upper()
    return b'{"Content":' + content + b',"HashCode":"' + code.encode() + b'"}'


def a_productive_hook(token: str = TOKEN, *, between: str = ", ") -> tuple[bytes, str]:
    """A webhook of Productive and its signature header."""
    body = json.dumps({"event": "update_invoice", "item_id": "7"}).encode()
    signature = hmac.new(token.encode(), b"1764100000." + body, hashlib.sha256).hexdigest()
    return body, f"t=1764100000{between}s={signature}"
