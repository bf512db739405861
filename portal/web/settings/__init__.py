"""Settings: the way to the apps, Productive and the users."""
