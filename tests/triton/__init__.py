"""The real tritonserver, started from what the chart renders."""
