"""Whole stories over real sockets: the demo's own processes against both sandboxes."""
