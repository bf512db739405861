"""The routes under ``/api/v2``: reads are the same for every resource, writes exist where they are needed."""

import time
from collections.abc import Mapping
from typing import cast
from uuid import uuid4

import msgspec
from flask import Blueprint, Response, g, request

from portal.sandbox.common.reading import parse_whole
from portal.sandbox.productive import attachments, invoices, payments
from portal.sandbox.productive.asks import BLANK, as_text, read_ask
from portal.sandbox.productive.errors import ApiError, invalid, not_found, refuse, unsupported
from portal.sandbox.productive.guard import Guard
from portal.sandbox.productive.hooks import read_webhook
from portal.sandbox.productive.jsonapi import MEDIA_TYPE, Includes, Resource, Shaper
from portal.sandbox.productive.listing import Listing
from portal.sandbox.productive.resources import RESOURCES
from portal.sandbox.productive.rows import Comment, Row
from portal.sandbox.productive.state import Sandbox

PREFIX = "/api/v2"
_DEEPEST_INCLUDE = 8
_SECONDS_FLAG = "filteringSkipDatetimeCastToDate"


def answer(document: Mapping[str, object], status: int = 200) -> Response:
    """A document as Productive sends it."""
    return Response(msgspec.json.encode(document), status, content_type=f"{MEDIA_TYPE}; charset=utf-8")


def answer_error(error: ApiError) -> Response:
    """The error document."""
    response = answer({"errors": list(error.errors)}, error.status)
    response.headers.update(error.headers)
    return response


class Api:
    """Reads requests and answers documents."""

    def __init__(self, state: Sandbox, organization: str) -> None:
        self.state = state
        self.shaper = Shaper(state, RESOURCES, organization)
        state.hooks.describe = self.describe

    def describe(self, type_: str, id_: int) -> Mapping[str, object]:
        """A record as a webhook tells of it."""
        resource = RESOURCES[type_]
        return self.shaper.shape(resource, resource.rows(self.state)[id_], {})

    def show_list(self, type_: str) -> Response:
        """One page of a resource."""
        resource = _served(type_)
        if type_ == "tax_rates" and "productive-rights" in self.state.backstage.readings:
            raise refuse(
                403, "access_denied", "Access Denied", "You are not authorized to access this resource"
            )

        includes = self._read_includes(resource)
        flags = request.headers.get("X-Feature-Flags", "")
        query = list(request.args.items(multi=True))
        page = Listing(
            resource, self.state, query, request.base_url, to_the_second=_SECONDS_FLAG in flags
        ).page()
        document: dict[str, object] = {"data": self.shaper.shape_list(resource, page.rows, includes)}
        if includes:
            document["included"] = self.shaper.collect(resource, page.rows, includes)

        return answer({**document, "links": page.links, "meta": page.meta})

    def show_one(self, type_: str, id_: str) -> Response:
        """One record."""
        resource = _served(type_)
        row = resource.rows(self.state).get(parse_whole(id_) or 0)
        if row is None or not resource.is_shown(row):
            raise not_found()
        return self.show(resource, row)

    def show(self, resource: Resource, row: Row, status: int = 200) -> Response:
        """A record as the answer to a read or a write."""
        includes = self._read_includes(resource)
        document: dict[str, object] = {"data": self.shaper.shape(resource, row, includes)}
        if includes:
            document["included"] = self.shaper.collect(resource, [row], includes)
        return answer({**document, "meta": {}}, status)

    def _read_includes(self, resource: Resource) -> Includes:
        tree: Includes = {}
        for path in filter(None, request.args.get("include", "").split(",")):
            node = tree
            at = cast(Resource | None, resource)
            names = path.strip().split(".")
            if len(names) > _DEEPEST_INCLUDE:
                raise unsupported("Include", path)

            for name in names:
                relation = at.relations.get(name) if at else None
                if relation is None:
                    raise unsupported("Include", path)

                node = node.setdefault(name, {})
                at = RESOURCES.get(relation.type)

        return tree


def _served(type_: str) -> Resource:
    resource = RESOURCES.get(type_)
    if resource is None or not resource.is_served:
        raise not_found()
    return resource


def build_api(state: Sandbox, guard: Guard) -> Blueprint:
    """All routes of the API."""
    routes = Blueprint("api", __name__, url_prefix=PREFIX)
    api = Api(state, guard.organization)

    @routes.before_request
    def check() -> None:
        g.began = time.perf_counter()
        guard.check(request)

    @routes.after_request
    def sign(response: Response) -> Response:
        response.headers["X-Request-Id"] = str(uuid4())
        response.headers["X-Runtime"] = f"{time.perf_counter() - g.get('began', time.perf_counter()):.6f}"
        return response

    routes.get("/<type_>")(api.show_list)
    routes.get("/<type_>/<id_>")(api.show_one)
    _add_invoice_writes(routes, api)
    _add_payment_writes(routes, api)
    _add_other_writes(routes, api)
    _add_webhook_writes(routes, api)
    _add_attachment_writes(routes, api)

    return routes


def _add_invoice_writes(routes: Blueprint, api: Api) -> None:
    state = api.state
    resource = RESOURCES["invoices"]

    @routes.post("/invoices")
    def create_invoice() -> Response:
        return api.show(resource, invoices.create_draft(state, read_ask(request, "invoices")), 201)

    @routes.patch("/invoices/<int:id_>")
    def change_invoice(id_: int) -> Response:
        invoice = invoices.find_invoice(state, id_)
        invoices.change_invoice(state, invoice, read_ask(request, "invoices"))
        return api.show(resource, invoice)

    @routes.delete("/invoices/<int:id_>")
    def delete_invoice(id_: int) -> Response:
        invoices.delete_invoice(state, invoices.find_invoice(state, id_))
        return _nothing()

    @routes.patch("/invoices/<int:id_>/finalize")
    def finalize_invoice(id_: int) -> Response:
        invoice = invoices.find_invoice(state, id_)
        number = read_ask(request, "invoices").attributes.get("number") if request.get_data() else None
        invoices.finalize_invoice(state, invoice, as_text(number))
        return api.show(resource, invoice)

    @routes.patch("/invoices/<int:id_>/<any(export, export_update):_action>")
    def export_invoice(id_: int, _action: str) -> Response:
        # Only for Productive's own connectors, of which none is set up here.
        invoices.find_invoice(state, id_)
        raise invalid({"export_to_accounting": "feature unavailable"})

    @routes.patch("/deleted_items/<int:id_>/restore")
    def restore_invoice(id_: int) -> Response:
        return api.show(resource, invoices.restore_invoice(state, id_))


def _add_payment_writes(routes: Blueprint, api: Api) -> None:
    state = api.state
    resource = RESOURCES["payments"]

    @routes.post("/payments")
    def create_payment() -> Response:
        return api.show(resource, payments.create_payment(state, read_ask(request, "payments")), 201)

    @routes.patch("/payments/<int:id_>")
    def change_payment(id_: int) -> Response:
        payment = payments.find_payment(state, id_)
        changed = payments.change_payment(state, payment, read_ask(request, "payments"))
        return api.show(resource, changed)

    @routes.delete("/payments/<int:id_>")
    def delete_payment(id_: int) -> Response:
        payments.delete_payment(state, payments.find_payment(state, id_))
        return _nothing()


def _add_webhook_writes(routes: Blueprint, api: Api) -> None:
    state = api.state
    resource = RESOURCES["webhooks"]

    @routes.post("/webhooks")
    def create_webhook() -> Response:
        made = read_webhook(read_ask(request, "webhooks"), state.tables.last_ids.get("webhooks", 0) + 1)
        state.tables.webhooks[state.next_id("webhooks")] = made
        state.changed()
        return api.show(resource, made, 201)

    @routes.delete("/webhooks/<int:id_>")
    def delete_webhook(id_: int) -> Response:
        if state.tables.webhooks.pop(id_, None) is None:
            raise not_found()
        state.changed()
        return _nothing()


def _add_attachment_writes(routes: Blueprint, api: Api) -> None:
    state = api.state
    resource = RESOURCES["attachments"]

    @routes.post("/attachments")
    def create_attachment() -> Response:
        made = attachments.create_attachment(state, read_ask(request, "attachments"))
        return api.show(resource, made, 201)

    @routes.patch("/attachments/<int:id_>")
    def change_attachment(id_: int) -> Response:
        attachment = attachments.find_attachment(state, id_)
        attachments.change_attachment(state, attachment, read_ask(request, "attachments"))
        return api.show(resource, attachment)

    @routes.delete("/attachments/<int:id_>")
    def delete_attachment(id_: int) -> Response:
        attachments.delete_attachment(state, attachments.find_attachment(state, id_))
        return _nothing()


def _add_other_writes(routes: Blueprint, api: Api) -> None:
    state = api.state

    @routes.post("/comments")
    def create_comment() -> Response:
        ask = read_ask(request, "comments")
        body = as_text(ask.attributes.get("body"))
        invoice_id = ask.related_id("invoice", "invoices")
        faults = {} if body else {"body": BLANK}
        if invoice_id not in state.tables.invoices:
            faults["invoice"] = BLANK

        if faults or not body or not invoice_id:
            raise invalid(faults)

        comment = Comment(
            id=state.next_id("comments"), body=body, invoice_id=invoice_id, created_at=state.moment()
        )
        state.tables.comments[comment.id] = comment
        state.touch(state.tables.invoices[invoice_id])

        return api.show(RESOURCES["comments"], comment, 201)


def _nothing() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
