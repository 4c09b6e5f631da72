"""Runs the player by the name every node has: ``python -m seg_ros.nodes.player``."""

from seg_ros.player.player import main

if __name__ == '__main__':
    main()
