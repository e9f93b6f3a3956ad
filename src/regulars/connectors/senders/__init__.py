"""How messages leave, one sender a file."""
