"""What runs of what is merged: the causes from recorded objects, and the command before a real API server."""
