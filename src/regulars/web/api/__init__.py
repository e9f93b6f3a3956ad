"""The calls of /v1, one noun a file."""
