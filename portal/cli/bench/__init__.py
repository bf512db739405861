"""Measurements, their data, and the screenshots."""
