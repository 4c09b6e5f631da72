"""Models are made and measured here; the robot never imports it."""
