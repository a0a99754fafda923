"""Tests of the journal, the wire and the agent."""
