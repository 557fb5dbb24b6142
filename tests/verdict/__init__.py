"""What `validate` accepts, Helm renders, a real API server admits and the engine's project allows."""
