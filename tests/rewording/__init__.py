"""Runs stories with every sentence of the portal reworded, to show that none of them decides anything."""

STORIES_FILE = "STORIES_FILE"
STORIES_REWORDED = "STORIES_REWORDED"
