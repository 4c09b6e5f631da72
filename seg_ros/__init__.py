"""Camera images in, label images and instance masks out: segmentation for ROS 2 robots."""

__version__ = '0.1.0'
