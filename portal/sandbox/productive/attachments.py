"""Attachments: what is told of a file, where it is uploaded, and what it is hung on."""

import re
from uuid import uuid4

from flask import request

from portal.sandbox.common.reading import parse_id
from portal.sandbox.productive.asks import BLANK, INVALID, Ask, as_text
from portal.sandbox.productive.errors import invalid, not_found
from portal.sandbox.productive.rows import Attachment
from portal.sandbox.productive.state import Sandbox

_KINDS = re.compile("[a-z_]{1,40}")
_MOST_BYTES = 2**40
_NEEDED = ("name", "content_type", "size", "attachable_type")


def create_attachment(state: Sandbox, ask: Ask) -> Attachment:
    """Tell of a file. The answer says with which fields it is uploaded."""
    given = {name: ask.attributes.get(name) for name in _NEEDED}
    size = parse_id(given["size"])
    faults = {name: BLANK for name, value in given.items() if value in (None, "")}
    if "size" not in faults and (size is None or not 0 <= size <= _MOST_BYTES):
        faults["size"] = INVALID

    if "attachable_type" not in faults and not _KINDS.fullmatch(str(given["attachable_type"])):
        faults["attachable_type"] = INVALID

    if faults:
        raise invalid(faults)

    attachment = Attachment(
        id=state.next_id("attachments"),
        name=str(given["name"]),
        content_type=str(given["content_type"]),
        size=size or 0,
        attachable_type=str(given["attachable_type"]),
        key=f"attachments/{uuid4()}",
        created_at=state.moment(),
    )

    state.tables.attachments[attachment.id] = attachment
    state.changed()
    return attachment


def change_attachment(state: Sandbox, attachment: Attachment, ask: Ask) -> None:
    """Say where the file was uploaded to, or give it another name."""
    for name in ("name", "temp_url"):
        if ask.has(name):
            value = as_text(ask.attributes[name])
            if not value:
                raise invalid({name: BLANK})
            setattr(attachment, name, value)

    state.changed()


def find_attachment(state: Sandbox, id_: int) -> Attachment:
    """The attachment, or 404."""
    attachment = state.tables.attachments.get(id_)
    if attachment is None or attachment.deleted_at:
        raise not_found()
    return attachment


def delete_attachment(state: Sandbox, attachment: Attachment) -> None:
    """Delete it. The invoice that it hung on has none then."""
    attachment.deleted_at = state.moment()
    for invoice in state.tables.invoices.values():
        if invoice.attachment_id == attachment.id:
            invoice.attachment_id = None
    state.changed()


def upload_policy(attachment: Attachment) -> dict[str, object]:
    """The fields that go with the file to where files are kept. Here that is this server's ``/files``."""
    return {
        "url": f"{request.host_url}files",
        "key": attachment.key,
        "acl": "private",
        "policy": "c2FuZGJveA==",
        "signature": "sandbox",
        "content_type": attachment.content_type,
        "success_action_status": "201",
    }
