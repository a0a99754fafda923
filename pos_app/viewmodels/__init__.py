"""What the screens show and what their keys mean, without widgets."""
