"""Undo a copy: what will be deleted, why not, and the credit entry instead."""
