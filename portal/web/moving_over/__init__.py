"""Moving over: what another link copied before, beside its entries in Exact."""
