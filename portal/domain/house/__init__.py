"""The rules of people: reach, sessions, throttling."""
