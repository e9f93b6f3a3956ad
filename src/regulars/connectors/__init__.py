"""Who we talk to: sources bring events in, senders carry messages out."""
