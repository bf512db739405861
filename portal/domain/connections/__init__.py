"""The health of a sign-in, forecasts and hints."""
