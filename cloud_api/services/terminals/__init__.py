"""Tills as the cloud knows them: who they are, how they prove it, and when they were last heard of."""
