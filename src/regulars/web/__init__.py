"""Who talks to us: the HTTP edge that authenticates, reads the clock once and names problems."""
