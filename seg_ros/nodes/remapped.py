# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the topics of cameras are found; launch files ask this, ROS is not needed."""


def topic_of(topic: str, camera: str) -> str:
    """
    Return the topic of one camera: ``{camera}`` is its name, and a relative topic lies below it.

    :raises ValueError: when it would be the topic of all cameras.
    """
    if not camera or '{camera}' in topic:
        return topic.replace('{camera}', camera)
    if topic.startswith('/'):
        raise ValueError(f"{topic} would be the topic of all cameras: write {{camera}} where the camera's name stands")
    return f'{camera}/{topic}'


def transported(topic: str, transport: str) -> str:
    """
    Return where the images of a topic are, as image_transport does it: compressed ones lie below the raw ones.

    A topic that is named with its transport already is meant as it stands.
    """
    is_below = transport.startswith('compressed') and not topic.endswith(f'/{transport}')
    return f'{topic}/{transport}' if is_below else topic
