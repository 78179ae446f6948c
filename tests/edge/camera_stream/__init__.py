"""Tests of edge.camera_stream."""
