"""Settings as ROS parameters: descriptors from knobs, values into frozen settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, ParameterType
from rclpy.node import Node
from rclpy.parameter import parameter_dict_from_yaml_file, parameter_value_to_python

from seg_ros.errors import SettingError
from seg_ros.settings import Knob, Settings

S = TypeVar('S')

_TYPES = {bool: ParameterType.PARAMETER_BOOL, int: ParameterType.PARAMETER_INTEGER,
          float: ParameterType.PARAMETER_DOUBLE, str: ParameterType.PARAMETER_STRING,
          tuple: ParameterType.PARAMETER_STRING_ARRAY}


def declare(node: Node, defaults: S) -> S:
    """
    Declare every setting as a parameter and return the settings with what launch or the command line gave.

    :param defaults: a dataclass whose fields are all knobs.
    :raises SettingError: when a given value contradicts another.
    :raises rclpy.exceptions.ParameterException: when a given value has another type or is out of bounds.
    """
    values = {}
    for item in fields(defaults):  # type: ignore[arg-type]
        default = getattr(defaults, item.name)
        parameter = node.declare_parameter(item.name, _ros_value(default), descriptor(item.name, type(default),
                                                                                      item.metadata['knob']))
        values[item.name] = native(parameter.value)
    return replace(defaults, **values)  # type: ignore[type-var]


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


def settings_of_file(path: Path, node: str = '/segmentation') -> Settings:
    """
    Return the settings with what a parameters file says of a node, as ``--params-file`` does.

    :raises SettingError: when the file cannot be read, or a value is refused.
    """
    try:
        text = path.read_text(encoding='utf-8')
        named = next(([name] for name in (node, node.lstrip('/')) if f'\n{name}:' in f'\n{text}'), None)
        table = parameter_dict_from_yaml_file(str(path), use_wildcard=True, target_nodes=named)
    except Exception as error:  # of rclpy and of yaml
        raise SettingError(f'{path} cannot be read as parameters ({" ".join(str(error).split())})',
                           'give a file like config/semantic.yaml') from error
    known = {item.name for item in fields(Settings)}
    values = {name: native(parameter_value_to_python(one.value)) for name, one in table.items()}
    return Settings().changed({name: value for name, value in values.items() if name in known})


def _ros_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
