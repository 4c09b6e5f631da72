# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What floors, walls and ceilings are made of, by chance: stone, wood, cloth and paint in many patterns."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Callable
from typing import Any

from materials import Nodes, brick_wall, planks, plaster

Colour = tuple[float, float, float]


def shade(dice: random.Random, *, dark: float = 0.02, light: float = 0.8, colourful: float = 0.25) -> Colour:
    """Return a colour as things indoors have: mostly pale or brownish, sometimes strong."""
    hue = dice.choice((dice.uniform(0.04, 0.14), dice.random(), dice.uniform(0.5, 0.65)))
    saturation = dice.random() * (0.85 if dice.random() < colourful else 0.3)
    value = dark + (light - dark) * dice.random() ** 1.2
    return colorsys.hsv_to_rgb(hue, saturation, value)


def floor(dice: random.Random) -> Any:
    """Return a floor."""
    return dice.choice(_FLOORS)(dice)


def unusual_floor(dice: random.Random) -> Any:
    """Return a floor as few are: it mirrors the room, in steel or in dark or pale stone, or is patched together."""
    return dice.choice((_steel, _mirror, _mirror, _patches))(dice)


def wall(dice: random.Random) -> Any:
    """Return a wall; mostly paint."""
    return dice.choice(_WALLS)(dice)


def ceiling(dice: random.Random) -> Any:
    """Return a ceiling: paint, panels, boards or concrete."""
    pale = _grey(dice, 0.55, 0.85)
    kind = dice.random()
    if kind < 0.55:
        return plaster(pale)
    if kind < 0.8:
        return _bricks(dice, pale, pale, (0.6, 0.6), joint=0.012, mortar=_grey(dice, 0.3, 0.6), rough=0.9, turn=0)
    return _boards(dice) if kind < 0.9 else _concrete(dice)


def rug(dice: random.Random) -> Any:
    """Return a rug with a pattern."""
    return dice.choice((_carpet, _ornament, _ornament, _checker_cloth))(dice)


def _grey(dice: random.Random, low: float, high: float) -> Colour:
    value, tint = dice.uniform(low, high), dice.uniform(-0.04, 0.05)
    return value * (1 + tint), value, value * (1 - tint)


def _gloss(dice: random.Random) -> float:
    return dice.choice((dice.uniform(0.04, 0.15), dice.uniform(0.15, 0.4), dice.uniform(0.4, 0.9)))


def _boards(dice: random.Random) -> Any:
    light = colorsys.hsv_to_rgb(dice.uniform(0.05, 0.1), dice.uniform(0.2, 0.7), dice.uniform(0.08, 0.75))
    dark = tuple(one * dice.uniform(0.4, 0.75) for one in light)
    return planks(light, dark, size=(dice.uniform(0.5, 1.8), dice.uniform(0.06, 0.2)), gloss=_gloss(dice),
                  turn=dice.choice((0, 90, 90, 45)))


def _bricks(dice: random.Random, one: Colour, other: Colour, size: tuple[float, float], *, joint: float,
            mortar: Colour, rough: float, turn: float, shift: float = 0.0) -> Any:
    n = Nodes('tiles')
    tiles = n.add('TexBrick', Vector=n.coordinates((1, 1, 1), turn), Color1=one, Color2=other, Mortar=mortar, Scale=1.0,
                  Mortar_Size=joint, Mortar_Smooth=0.1, Brick_Width=size[0], Row_Height=size[1])
    tiles.offset = shift
    n.bumps(tiles.outputs['Fac'], -0.4, 0.002)
    return n.finish(Base_Color=_worn(n, tiles.outputs['Color'], dice), Roughness=rough)


def _worn(n: Nodes, colour: Any, dice: random.Random) -> Any:
    """Return a colour with blotches and stains, some more, some none."""
    depth = dice.choice((0.0, 0.1, 0.25, 0.6))
    if not depth:
        return colour
    scale = dice.uniform(0.5, 4.0)
    stains = n.between(n.noise((scale, scale, scale), 5.0, dice.uniform(0, 2)), (1 - depth,) * 3, (1, 1, 1),
                       dice.uniform(0.2, 0.45), dice.uniform(0.5, 0.75))
    return n.mixed(colour, stains, 'MULTIPLY', 1.0)


def _tiles(dice: random.Random) -> Any:
    one = shade(dice)
    other = tuple(min(1.0, value * dice.uniform(0.75, 1.15)) for value in one)
    size = dice.uniform(0.1, 0.9)
    long = dice.choice((1.0, 1.0, 1.0, 2.0))
    return _bricks(dice, one, other, (size * long, size), joint=dice.uniform(0.001, 0.006), mortar=_grey(dice, 0.05,
                                                                                                         0.6),
                   rough=_gloss(dice), turn=dice.choice((0, 0, 45)), shift=dice.choice((0.0, 0.0, 0.5)))


def _checker(dice: random.Random) -> Any:
    n = Nodes('checker')
    pattern = n.add('TexChecker', Vector=n.coordinates((1, 1, 1), dice.choice((0, 45))), Color1=shade(dice, light=0.3),
                    Color2=shade(dice, dark=0.4), Scale=1 / dice.uniform(0.15, 0.6))
    return n.finish(Base_Color=_worn(n, pattern.outputs['Color'], dice), Roughness=_gloss(dice))


def _checker_cloth(dice: random.Random) -> Any:
    n = Nodes('checker')
    pattern = n.add('TexChecker', Vector=n.coordinates((1, 1, 1)), Color1=shade(dice, colourful=0.7),
                    Color2=shade(dice, colourful=0.7), Scale=1 / dice.uniform(0.05, 0.3))
    return n.finish(Base_Color=pattern.outputs['Color'], Roughness=0.95)


def _terrazzo(dice: random.Random) -> Any:
    n = Nodes('terrazzo')
    scale = dice.uniform(25, 90)
    chips = n.add('TexVoronoi', Vector=n.coordinates((1, 1, 1)), Scale=scale)
    tint = n.between(n.add('RGBToBW', Color=chips.outputs['Color']).outputs[0], shade(dice), shade(dice), 0.2, 0.8)
    ground = n.between(chips.outputs['Distance'], (1, 1, 1), (0, 0, 0), 0.25, dice.uniform(0.3, 0.5))
    base = n.mixed(shade(dice, dark=0.15), tint, 'MIX', ground)
    return n.finish(Base_Color=_worn(n, base, dice), Roughness=_gloss(dice))


def _marble(dice: random.Random) -> Any:
    n = Nodes('marble')
    scale = dice.uniform(0.6, 2.5)
    veins = n.noise((scale, scale, scale), 8.0, dice.uniform(2, 6))
    pale = shade(dice, dark=0.3 if dice.random() < 0.7 else 0.02, colourful=0.1)
    base = n.between(veins, tuple(v * dice.uniform(0.3, 0.8) for v in pale), pale, 0.35, 0.6)
    return n.finish(Base_Color=base, Roughness=dice.uniform(0.03, 0.3))


def _mirror(dice: random.Random) -> Any:
    """Polished stone, nearly black or nearly white."""
    n = Nodes('mirror')
    scale, low = dice.uniform(0.6, 2.5), dice.choice((0.002, 0.6))
    veins = n.noise((scale, scale, scale), 8.0, dice.uniform(2, 6))
    base = n.between(veins, _grey(dice, low, low + 0.05), _grey(dice, low, low + 0.2), 0.35, 0.6)
    return n.finish(Base_Color=base, Roughness=dice.uniform(0.0, 0.06))


def _steel(dice: random.Random) -> Any:
    n = Nodes('steel')
    tint = _grey(dice, 0.3, 0.7)
    return n.finish(Base_Color=_worn(n, n.mixed(tint, tint, 'MIX', 0.5), dice), Metallic=1.0,
                    Roughness=dice.uniform(0.05, 0.3))


def _patches(dice: random.Random) -> Any:
    """Pieces of many colours, each with an edge."""
    n = Nodes('patches')
    scale = dice.uniform(0.8, 4.0)
    cells = n.add('TexVoronoi', Vector=n.coordinates((1, 1, 1)), Scale=scale)
    stripes = n.add('TexWave', Vector=n.coordinates((1, 1, 1), 45), Scale=dice.uniform(1, 6), Distortion=6.0)
    base = n.mixed(cells.outputs['Color'], stripes.outputs['Color'], dice.choice(('MULTIPLY', 'DIFFERENCE', 'OVERLAY')),
                   dice.uniform(0.2, 0.9))
    return n.finish(Base_Color=base, Roughness=_gloss(dice))


def _carpet(dice: random.Random) -> Any:
    n = Nodes('carpet')
    colour = shade(dice, light=0.55, colourful=0.5)
    fine = dice.uniform(60, 300)
    threads = n.noise((fine, fine, fine), 3.0)
    n.bumps(threads, 0.6, 0.006)
    tint = n.between(threads, tuple(v * dice.uniform(0.4, 0.9) for v in colour), colour, 0.3, 0.7)
    return n.finish(Base_Color=_worn(n, tint, dice), Roughness=1.0)


def _ornament(dice: random.Random) -> Any:
    """Bands, waves, rings or cells in two colours."""
    n = Nodes('ornament')
    kind, scale = dice.choice(('WAVE', 'RINGS', 'CELLS', 'MAGIC')), dice.uniform(1.0, 9.0)
    place = n.coordinates((1, 1, 1), dice.choice((0, 90, 45)))
    if kind == 'CELLS':
        factor = n.add('TexVoronoi', Vector=place, Scale=scale * 2).outputs['Distance']
    elif kind == 'MAGIC':
        factor = n.add('TexMagic', Vector=place, Scale=scale * 2, Distortion=dice.uniform(0.5, 2)).outputs['Fac']
    else:
        waves = n.add('TexWave', Vector=place, Scale=scale, Distortion=dice.choice((0.0, 0.0, 2.0, 6.0)))
        waves.wave_type = 'RINGS' if kind == 'RINGS' else 'BANDS'
        factor = waves.outputs['Fac']
    edge = dice.uniform(0.3, 0.6)
    return n.finish(Base_Color=n.between(factor, shade(dice, colourful=0.6), shade(dice, colourful=0.6), edge,
                                         edge + dice.choice((0.02, 0.2))), Roughness=dice.uniform(0.5, 1.0))


def _concrete(dice: random.Random) -> Any:
    n = Nodes('concrete')
    base = n.between(n.noise((2.5, 2.5, 2.5), 8.0), _grey(dice, 0.1, 0.3), _grey(dice, 0.25, 0.55), 0.25, 0.75)
    n.bumps(n.noise((60, 60, 60), 4.0), 0.15, 0.003)
    return n.finish(Base_Color=_worn(n, base, dice), Roughness=_gloss(dice))


def _coated(dice: random.Random) -> Any:
    """Linoleum, vinyl or epoxy: one colour, perhaps with speckles."""
    n = Nodes('coated')
    colour = shade(dice)
    speckles = n.between(n.noise((90, 90, 90), 2.0), tuple(v * dice.uniform(0.5, 1.0) for v in colour), colour, 0.4,
                         0.5)
    return n.finish(Base_Color=_worn(n, speckles, dice), Roughness=_gloss(dice))


def _paint(dice: random.Random) -> Any:
    return plaster(shade(dice, dark=0.12, light=0.88, colourful=0.2), rough=dice.uniform(0.5, 1.0))


def _white(dice: random.Random) -> Any:
    return plaster(_grey(dice, 0.55, 0.88))


def _two_tone(dice: random.Random) -> Any:
    """Paint with another below a height, as in corridors and stairs."""
    n = Nodes('two tone')
    height = n.add('SeparateXYZ', Vector=n.add('TexCoord').outputs['Object']).outputs['Z']
    edge = dice.uniform(0.8, 1.5)
    scaled = n.add('MapRange', Value=height, From_Min=0.0, From_Max=3.0).outputs[0]
    return n.finish(Base_Color=n.between(scaled, shade(dice, colourful=0.5), _grey(dice, 0.5, 0.85), edge / 3,
                                         edge / 3 + 0.002), Roughness=dice.uniform(0.4, 0.9))


def _paper(dice: random.Random) -> Any:
    """Wallpaper with stripes."""
    n = Nodes('wallpaper')
    stripes = n.add('TexWave', Vector=n.coordinates((1, 0, 0)), Scale=dice.uniform(0.5, 5)).outputs['Fac']
    colour = shade(dice, dark=0.25)
    return n.finish(Base_Color=n.between(stripes, tuple(v * dice.uniform(0.6, 0.95) for v in colour), colour, 0.45,
                                         0.55),
                    Roughness=0.9)


def _brickwork(dice: random.Random) -> Any:
    colour = dice.choice(((0.35, 0.12, 0.07), _grey(dice, 0.3, 0.7), (0.45, 0.3, 0.18)))
    return brick_wall(colour, tuple(v * 0.65 for v in colour), _grey(dice, 0.3, 0.6))


def _wall_tiles(dice: random.Random) -> Any:
    colour, size = shade(dice, dark=0.3), dice.uniform(0.08, 0.4)
    return brick_wall(colour, colour, _grey(dice, 0.4, 0.7), size=(size * dice.choice((1, 2)), size), joint=0.003,
                      rough=dice.uniform(0.1, 0.4))


def _panelled(dice: random.Random) -> Any:
    light = colorsys.hsv_to_rgb(dice.uniform(0.05, 0.1), dice.uniform(0.3, 0.7), dice.uniform(0.1, 0.6))
    dark = tuple(one * 0.6 for one in light)
    return brick_wall(light, dark, tuple(one * 0.3 for one in light), size=(dice.uniform(0.08, 0.6), 3.0), joint=0.003,
                      rough=0.4)


Maker = Callable[[random.Random], Any]
_FLOORS: tuple[Maker, ...] = (_boards, _boards, _boards, _tiles, _tiles, _tiles, _checker, _terrazzo, _marble, _carpet,
                              _carpet, _ornament, _concrete, _concrete, _coated, _coated)
_WALLS: tuple[Maker, ...] = (_paint, _paint, _paint, _white, _white, _white, _white, _two_tone, _paper, _brickwork,
                             _wall_tiles, _panelled, _concrete)
