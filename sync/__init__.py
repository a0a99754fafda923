"""The journal, the wire messages and the agent that reconcile a till with the cloud."""
