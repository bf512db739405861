"""Records as they never should be: what becomes of them, and that their neighbours go on."""
