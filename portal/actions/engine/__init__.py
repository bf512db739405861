"""What every action works with: ports, attempts, claims, lanes and the gate. It knows no noun."""
