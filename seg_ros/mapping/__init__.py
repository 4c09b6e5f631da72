"""What was seen from many places becomes a map: cells with their evidence, objects that last, files."""
