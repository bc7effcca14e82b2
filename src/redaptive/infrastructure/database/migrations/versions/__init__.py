"""Revisions, one file each; ids never change once released."""
