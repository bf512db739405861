"""Both SaaS APIs as real HTTP servers on loopback, which share no code with the clients."""
