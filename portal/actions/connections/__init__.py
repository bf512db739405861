"""Connections, their sign-ins, their catalogue and their mappings."""
