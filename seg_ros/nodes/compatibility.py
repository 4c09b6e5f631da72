# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which quality of service meets which, and a sentence for two that do not meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

try:
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ImportError:  # as Humble calls it
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks

NO_EVENTS: dict[str, Any] = {'publisher': PublisherEventCallbacks(use_default_callbacks=False),
                             'subscription': SubscriptionEventCallbacks(use_default_callbacks=False)}
"""Each event is one more thing to wait for at every message; mismatches are found by looking once a second."""

POLICIES = {'reliability': (ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE),
            'durability': (DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL)}
"""Per policy the weaker and the stronger word: who offers the weaker is not heard by who asks for the stronger."""


def meeting(offered: Sequence[QoSProfile]) -> QoSProfile:
    """
    Return the strongest profile of depth 1 that every publisher meets; best effort and volatile for none.

    Best effort meets all but loses large images in fragments; reliable is asked for where all offer it.
    A latched image comes to a late subscriber that asks for transient local only.
    """
    profile = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST)
    for policy, (weak, strong) in POLICIES.items():
        every = bool(offered) and all(getattr(one, policy) == strong for one in offered)
        setattr(profile, policy, strong if every else weak)
    return profile


def same(one: QoSProfile, other: QoSProfile) -> bool:
    """Tell whether two profiles agree in reliability and durability."""
    return all(getattr(one, policy) == getattr(other, policy) for policy in POLICIES)


def mismatch(offered: QoSProfile, asked: QoSProfile) -> tuple[str, str, str] | None:
    """Return the policy that keeps two ends apart, what is offered and what is asked for; None when they meet."""
    for policy, (weak, strong) in POLICIES.items():
        if getattr(offered, policy) == weak and getattr(asked, policy) == strong:
            return policy, weak.name.lower(), strong.name.lower()
    return None


def qos_words(profile: QoSProfile) -> str:
    """Return reliability and durability as words: ``best_effort, volatile``."""
    return ', '.join(getattr(profile, policy).name.lower() for policy in POLICIES)


def unheard_publishers(topic: str, publishers: Iterable[TopicEndpointInfo], asked: QoSProfile) -> list[str]:
    """Return a sentence for each publisher that this node's subscription does not hear."""
    return [f'{topic}: {name_of(one)} offers {found[1]}, this node asked for {found[2]}, so nothing passes. '
            f'Nothing to do: the node asks for {found[1]} from now on.'
            for one in publishers if (found := mismatch(one.qos_profile, asked))]


def deaf_subscribers(topic: str, offered: QoSProfile, subscribers: Iterable[TopicEndpointInfo]) -> list[str]:
    """Return a sentence for each subscriber that does not hear this node's publisher."""
    return [f'{topic}: {name_of(one)} asks for {found[2]}, this node offers {found[1]}, so nothing passes. '
            f'Set the {found[0]} of {name_of(one)} to {found[1]}.'
            for one in subscribers if (found := mismatch(offered, one.qos_profile))]


def name_of(info: TopicEndpointInfo) -> str:
    """Return the full name of the node at one end of a topic."""
    return f'{info.node_namespace.rstrip("/")}/{info.node_name}'
