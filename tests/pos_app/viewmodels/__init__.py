"""What the screens show and mean, without widgets."""
