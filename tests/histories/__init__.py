"""Histories of payments: the portal's real clients and actions against both sandboxes, without sockets."""
