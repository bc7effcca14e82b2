"""What a conversation has been about: slots with source and age, kept on the server."""
