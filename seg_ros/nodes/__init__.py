"""The ROS side: nodes, their parameters, streams in and outputs out. The only room that knows rclpy."""
