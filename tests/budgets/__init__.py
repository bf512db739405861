"""The portal at work on simulated time: its jobs, its clients and both sandboxes, without a queue server."""
