"""Both SaaS APIs as real HTTP servers on loopback; shares no code with the clients."""
