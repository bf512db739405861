"""Copy many invoices at once: look at what will be booked, then a run with its progress and its end."""
