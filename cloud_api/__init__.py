"""The cloud: the HTTP API that keeps every journal and feeds every till."""
