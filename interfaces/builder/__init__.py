"""Builds a wheel of ROS message bindings from a package.xml and a folder of .msg files."""
