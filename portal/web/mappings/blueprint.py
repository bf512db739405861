"""The blueprint of the mappings screen."""

from flask import Blueprint

blueprint = Blueprint("mappings", __name__, url_prefix="/mappings")
