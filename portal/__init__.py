"""The portal: invoices from Productive into Exact Online, payments back."""
