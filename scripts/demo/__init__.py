"""The main job, shown: a real cloud, a real till and a morning in the shop between them."""
