"""The reconciliation page: both books side by side."""
