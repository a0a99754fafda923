"""The till's screens, worked as a person works them."""
