"""Words and colours: which class a data set's word means to the robot, and how it is painted."""
