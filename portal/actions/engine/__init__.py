"""What every action works with: ports, turns, attempts, leases and the gate."""
