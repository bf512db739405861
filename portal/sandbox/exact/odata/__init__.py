"""OData version 2 as Exact speaks it: filters, query options, values in JSON."""
