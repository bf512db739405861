"""The texts that people read, in all languages."""
