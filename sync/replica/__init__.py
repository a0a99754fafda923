"""The replica: what the cloud said, as tables in a file of its own."""
