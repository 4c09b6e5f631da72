# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings as ROS parameters: descriptors from knobs, values into frozen settings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, ParameterType
from rclpy.exceptions import ParameterNotDeclaredException
from rclpy.node import Node
from rclpy.parameter import Parameter, parameter_dict_from_yaml_file, parameter_value_to_python

from seg_ros.errors import SettingError, nearest_of
from seg_ros.nodes.logs import levels_of_nothing
from seg_ros.nodes.parameter_files import passed_over
from seg_ros.settings import Knob, Settings

S = TypeVar('S')

SIM_TIME, OF_QOS = 'use_sim_time', 'qos_overrides.'
NOT_OURS = (OF_QOS, 'start_type_description_service', SIM_TIME)
"""How parameters begin that every node has."""

FOLLOWING = 'what this node listens to has the quality of service of its publishers'

_TYPES = {bool: ParameterType.PARAMETER_BOOL, int: ParameterType.PARAMETER_INTEGER,
          float: ParameterType.PARAMETER_DOUBLE, str: ParameterType.PARAMETER_STRING,
          tuple: ParameterType.PARAMETER_STRING_ARRAY}


def declare(node: Node, defaults: S) -> S:
    """
    Declare every setting as a parameter and return the settings with what launch or the command line gave.

    A whole number is taken where a real one is meant, now and whenever it is set; a name that is none of theirs, a
    file that is of other nodes, and a level of no logger, is named in the log.

    :param defaults: a dataclass whose fields are all knobs.
    :raises SettingError: when a given value contradicts another.
    :raises rclpy.exceptions.ParameterException: when a given value has another type or is out of bounds.
    """
    kinds = kinds_of(defaults)
    overrides = node._parameter_overrides  # rclpy has no public way to what was given and is not declared
    overrides |= {name: fitted(one, kinds[name]) for name, one in overrides.items() if name in kinds}
    for name in sorted(overrides.keys() - kinds.keys()):
        if not node.has_parameter(name) and not name.startswith(NOT_OURS):
            node.get_logger().warning(f"There is no parameter '{name}': "
                                      f'{nearest_of(name.rpartition(".")[2], {*kinds, SIM_TIME})}')
    for sentence in (*passed_over(sys.argv, node.get_fully_qualified_name()),
                     *levels_of_nothing(sys.argv, node.get_logger().name)):
        node.get_logger().warning(sentence)
    if hasattr(node, 'add_pre_set_parameters_callback'):  # Humble has none: there a real number needs its point
        node.add_pre_set_parameters_callback(lambda asked: [
            fitted(one, kinds[one.name]) if one.name in kinds else _declared(node, one) for one in asked])
    values = {}
    for item in fields(defaults):  # type: ignore[arg-type]
        default = getattr(defaults, item.name)
        parameter = node.declare_parameter(item.name, _ros_value(default), descriptor(item.name, type(default),
                                                                                      item.metadata['knob']))
        values[item.name] = native(parameter.value)
    return replace(defaults, **values)  # type: ignore[type-var]


def say_unused_qos(node: Node) -> None:
    """Name in the log what was given of a quality of service that no topic of a node takes, once it has its topics."""
    known = [name for name in node._parameters if name.startswith(OF_QOS)]  # rclpy has no public way to their names
    for name in sorted(node._parameter_overrides):
        if name.startswith(OF_QOS) and name not in known:
            remedy = FOLLOWING if '.sub' in name else nearest_of(name, known)
            node.get_logger().warning(f"There is no parameter '{name}': {remedy}")


class UnknownParameter(ParameterNotDeclaredException):
    """What a service that sets parameters answers as its reason; rclpy's own is that of a program's error."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        Exception.__init__(self, f"there is no parameter '{name}'; {nearest_of(name, known)}")


def kinds_of(defaults: object) -> dict[str, type]:
    """Return the type of each setting by name."""
    return {item.name: type(getattr(defaults, item.name)) for item in fields(defaults)}  # type: ignore[arg-type]


def fitted(parameter: Parameter, kind: type) -> Parameter:
    """Return a parameter as its setting holds it, where that is meant: 5 for 5.0, a word for a list, [] for none."""
    value = parameter.value
    if isinstance(value, int) and not isinstance(value, bool) and kind in (float, str):
        return Parameter(parameter.name, value=kind(value))
    if kind is tuple and isinstance(value, str):
        return Parameter(parameter.name, value=[value])
    if kind is tuple and value is not None and not len(value):
        return Parameter(parameter.name, Parameter.Type.STRING_ARRAY, [])
    return parameter


def descriptor(name: str, kind: type, knob: Knob) -> ParameterDescriptor:
    """Return the ROS descriptor of a knob: type, words, bounds, and whether it is fixed after start."""
    words = knob.words + (f' [{knob.unit}]' if knob.unit else '')
    constraints = f'one of {", ".join(knob.choices)}' if knob.choices else ''
    result = ParameterDescriptor(name=name, type=_TYPES[kind], description=words,
                                 additional_constraints=constraints, read_only=not knob.live)
    if knob.bounds is not None and kind is int:
        low, high = (int(v) for v in knob.bounds)
        result.integer_range = [IntegerRange(from_value=low, to_value=high, step=0)]
    elif knob.bounds is not None:
        low_f, high_f = (float(v) for v in knob.bounds)
        result.floating_point_range = [FloatingPointRange(from_value=low_f, to_value=high_f, step=0.0)]
    return result


def given(parameters: list[Any], known: object) -> Mapping[str, Any]:
    """Return the values of those parameters of a set request that are settings, by name."""
    names = {item.name for item in fields(known)}  # type: ignore[arg-type]
    return {p.name: native(p.value) for p in parameters if p.name in names}


def native(value: Any) -> Any:
    """Return a parameter's value as a setting holds it: arrays become tuples."""
    return tuple(value) if isinstance(value, (list, tuple)) else value


def settings_of_file(path: Path) -> Settings:
    """
    Return the settings with what a parameters file says of the node segmentation, as ``--params-file`` does.

    :raises SettingError: when the file cannot be read, has a name that is no setting, or a value is refused.
    """
    try:
        text = path.read_text(encoding='utf-8')
        named = next(([name] for name in ('/segmentation', 'segmentation') if f'\n{name}:' in f'\n{text}'), None)
        table = parameter_dict_from_yaml_file(str(path), use_wildcard=True, target_nodes=named)
    except Exception as error:  # of rclpy and of yaml
        raise SettingError(f'{path} cannot be read as parameters ({" ".join(str(error).split())})',
                           'give a file like config/semantic.yaml') from error
    given_there = [Parameter(name, value=parameter_value_to_python(one.value)) for name, one in table.items()
                   if not name.startswith(NOT_OURS)]
    kinds = kinds_of(Settings())
    return Settings().changed({one.name: native(fitted(one, kinds.get(one.name, object)).value) for one in given_there})


def _declared(node: Node, parameter: Parameter) -> Parameter:
    if not node.has_parameter(parameter.name):
        raise UnknownParameter(parameter.name, node._parameters)  # rclpy has no public way to their names
    return parameter


def _ros_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
