"""From pixels to robot words: the networks, how images reach them and how their answers are read."""
