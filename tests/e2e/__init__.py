"""The main job with real processes: cloud, agent and till, killed at random moments."""
