"""L1 to L4: what the cloud and a till bear, for how long, and how many tills at once."""
