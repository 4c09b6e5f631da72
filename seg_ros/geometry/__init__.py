"""Pixels with depth become points, the floor, boxes and scans; arrays in, records out."""
