"""Prompts as files, one version each; a changed prompt is a new file, so that records of old calls stay true."""
