"""Till and cloud in one process, over real HTTP: what one sends the other understands, and what breaks heals."""
