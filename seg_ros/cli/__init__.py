"""The command line ``seg_ros``: one verb per file."""
