"""Writes docs/parameters.md from seg_ros.settings: run ``python docs/generate.py`` after changing a setting."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from seg_ros.settings import Settings

HEAD = """# Parameters of the node `segmentation`

Give them at start with `--ros-args -p NAME:=VALUE`, in a YAML file with `--params-file FILE`
(`config/semantic.yaml` holds every default), or change them while the node runs:

```
ros2 param set /segmentation unlabelled_threshold 0.6
```

A change takes effect before the next frame, or is refused with the reason. Those marked *start* are fixed
once the node runs. This page is made from `seg_ros/settings.py` by `python docs/generate.py`.

| parameter | default | allowed | when | what it does |
|---|---|---|---|---|
"""


def parameters_page() -> str:
    """Return the text of docs/parameters.md."""
    return HEAD + ''.join(_row(item.name) for item in fields(Settings))


def _row(name: str) -> str:
    item = next(f for f in fields(Settings) if f.name == name)
    knob, default = item.metadata['knob'], item.default
    shown = str(list(default)) if isinstance(default, tuple) else str(default).lower() \
        if isinstance(default, bool) else repr(default) if isinstance(default, str) else str(default)
    allowed = ', '.join(f'`{c}`' for c in knob.choices)
    if knob.bounds:
        allowed = f'{knob.bounds[0]:g} to {knob.bounds[1]:g}' + (f' {knob.unit}' if knob.unit else '')
    return f'| `{name}` | `{shown}` | {allowed} | {"any time" if knob.live else "start"} | {knob.words} |\n'


if __name__ == '__main__':
    (Path(__file__).parent / 'parameters.md').write_text(parameters_page(), encoding='utf-8')
