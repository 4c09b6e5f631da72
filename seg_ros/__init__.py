"""Camera images in, label images and instance masks out: segmentation for ROS 2 robots."""

import os

# What OpenCV cannot decode is told in a sentence of ours; its own prints come for every image of a broken camera.
os.environ.setdefault('OPENCV_LOG_LEVEL', 'SILENT')

__version__ = '0.1.0'
