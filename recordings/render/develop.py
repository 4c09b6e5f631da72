# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes a photograph of the light on the sensor, as cameras do: exposure, white balance, a curve, noise."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray


def develop(light: NDArray[np.float32], dice: random.Random) -> NDArray[np.uint8]:
    """
    Return the picture, (H, W, 3) uint8, red-green-blue.

    :param light: (H, W, 3), linear, red-green-blue.
    """
    noise = np.random.default_rng(dice.randrange(1 << 30))
    light = np.nan_to_num(light.astype(np.float64), posinf=1e3).clip(0, 1e3)
    exposed = light * (_exposure(light, dice) * _balance(light, dice))
    grain = dice.choice((0.0, 0.004, 0.01, 0.02))
    exposed = exposed + noise.normal(size=exposed.shape) * np.sqrt(exposed.clip(0, 1) * 0.05 + 0.002) * grain * 4
    return np.round(_curve(exposed.clip(0, None), dice.uniform(0.9, 1.25)) * 255).astype(np.uint8)


def _exposure(light: NDArray[np.float64], dice: random.Random) -> float:
    """Return the factor that brings the middle of the picture where a camera puts it, a bit darker or lighter."""
    luminance = np.sort((light @ (0.2126, 0.7152, 0.0722)).reshape(-1))
    inner = luminance[len(luminance) // 20:-len(luminance) // 10]
    middle = np.exp(np.mean(np.log(inner + 1e-4)))
    return float(dice.choice((0.13, 0.18, 0.22)) * 2 ** dice.gauss(0, 0.4) / max(middle, 1e-4))


def _balance(light: NDArray[np.float64], dice: random.Random) -> NDArray[np.float64]:
    """Return factors of red, green and blue that make the light whiter, by more or less."""
    means = light.reshape(-1, 3).clip(0, np.quantile(light, 0.95)).mean(0) + 1e-4
    gains = (means[1] / means) ** dice.uniform(0.2, 0.9)
    return np.asarray(gains * [2 ** dice.gauss(0, 0.06), 1.0, 2 ** dice.gauss(0, 0.06)])


def _curve(light: NDArray[np.float64], contrast: float) -> NDArray[np.float64]:
    """Return values of 0 to 1: the shoulder of film (Narkowicz 2015, ACES), then the curve of sRGB."""
    x = light * 0.9
    film = ((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)).clip(0, 1) ** (contrast * 0.85)
    return np.where(film <= 0.0031308, 12.92 * film, 1.055 * film.clip(1e-9) ** (1 / 2.4) - 0.055)
