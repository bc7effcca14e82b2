"""How the parts of the platform are seen to be doing."""
