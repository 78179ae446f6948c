"""An incident as one signed ZIP for investigation and case handling, checked without a server."""
