"""Objects of this frame become objects that last: overlaps, motion and one tracker per camera."""
