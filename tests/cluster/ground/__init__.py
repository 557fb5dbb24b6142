"""The proving ground: a real Kubernetes without a container engine, and what the chart and the generator do on it."""
