"""Settings › App Marketplace and the wizard that connects a subsidiary to Exact."""
