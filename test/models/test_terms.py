# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Terms of weights are said when a model is loaded, and louder where they keep it out of products."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from scenes.networks import saved_rooms_model

from seg_ros.models.card import read_card, write_card
from seg_ros.models.catalog import open_model, shipped_models
from seg_ros.models.published import LICENCE
from seg_ros.models.terms import bars_products, in_short, say_terms
from seg_ros.settings import Settings
from seg_ros.share import share_directory

ON_CPU = Settings(device='cpu', precision='fp32')


@pytest.mark.parametrize(('licence', 'bars', 'short'), [
    ('weights: CC BY 4.0, as the images they were trained on; code: Apache-2.0', False, 'CC BY 4.0'),
    ('weights: non-commercial research, as the images; code: Apache-2.0', True, 'non-commercial research'),
    ('begun from plants, weights: non-commercial research', True, 'begun from plants'),
    ('apache-2.0', False, 'apache-2.0'), ('cc-by-nc-4.0', True, 'cc-by-nc-4.0'),
    ('CC BY-NC-SA 4.0', True, 'CC BY-NC-SA 4.0'), ('research use only', True, 'research use only'),
    ('see its page on the hub', False, 'see its page on the hub'), (LICENCE, False, 'not stated'),
    ('', False, 'not stated'),
])
def test_terms_in_words_and_by_name_are_understood(licence: str, bars: bool, short: str) -> None:
    assert (bars_products(licence), in_short(licence)) == (bars, short)


@pytest.mark.parametrize(('licence', 'levels'), [('Apache-2.0', ['INFO']), ('non-commercial', ['INFO', 'WARNING'])])
def test_loading_says_them_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, licence: str,
                                levels: list[str]) -> None:
    folder = saved_rooms_model(tmp_path)
    write_card(folder, replace(read_card(folder), licence=licence))
    say_terms.cache_clear()
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            open_model(str(folder), ON_CPU)
    said = [record for record in caplog.records if "Model 'small'" in record.getMessage()]
    assert [record.levelname for record in said] == levels
    assert said[0].getMessage() == f"Model 'small': {licence}"


def test_every_shipped_model_states_its_terms_and_its_sources() -> None:
    notices = (share_directory() / 'THIRD_PARTY_NOTICES').read_text(encoding='utf-8')
    for name, folder in shipped_models().items():
        card = read_card(folder)
        assert in_short(card.licence) != 'not stated' and card.data
        assert f'`{name}`' in notices
