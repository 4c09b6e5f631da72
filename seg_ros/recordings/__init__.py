"""Recordings as rosbag2 has them: read, labelled and written."""
