# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Every family of foreign networks beside its own library: do both give the same picture, and which is faster.

Method: networks with random weights (torchvision's in full size, those of transformers from the configurations below),
saved to a temporary folder and opened as the node opens them. One 640x480 picture goes in turn, in one process, through
our ``segment`` and through the library's own pipeline: its transforms or image processor, its network, its
post-processing. Agreement is the share of pixels with the same word, under a taxonomy in which each word is a class.
Speed is the median of each with the taxonomy ``indoor``, and their ratio: below 1, ours is faster. A machine that does
other things meanwhile does them to both. Random weights say nothing of what a trained network sees.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, cast

import numpy as np
import torch
import transformers
import yaml
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F
from torchvision.transforms.functional import convert_image_dtype, normalize, resize
from tqdm import tqdm

from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models import published as published_weights
from seg_ros.models.catalog import open_model
from seg_ros.models.from_torchvision import built
from seg_ros.models.published import published
from seg_ros.records import Frame, Mode
from seg_ros.settings import Settings

hf: Any = transformers  # its types know nothing of what a configuration takes

FRAME = (640, 480)
ADE, COCO = words_of_label_set('ade20k_hf'), words_of_label_set('coco_panoptic')
SWIN = {'embed_dim': 96, 'depths': [2, 2, 6, 2], 'num_heads': [3, 6, 12, 24], 'window_size': 7,
        'out_features': ['stage1', 'stage2', 'stage3', 'stage4']}
EDGES = {'shortest_edge': 384, 'longest_edge': 640}

Picture = NDArray[np.uint8]
Words = NDArray[np.int64]


class Family(NamedTuple):
    """How the network and processor of a family are made; ``words`` are ADE20K's or COCO's."""

    name: str
    words: tuple[str, ...]
    make: Callable[[dict[str, Any]], tuple[nn.Module, Any]]


def _square(side: int) -> dict[str, int]:
    return {'height': side, 'width': side}


FAMILIES = (
    Family('SegFormer B0, 512x512', ADE, lambda w: (
        hf.SegformerForSemanticSegmentation(hf.SegformerConfig(**w)), hf.SegformerImageProcessor(size=_square(512)))),
    Family('UperNet Swin-T, 256x256', ADE, lambda w: (
        hf.UperNetForSemanticSegmentation(hf.UperNetConfig(backbone_config=hf.SwinConfig(**SWIN), hidden_size=128,
                                                           auxiliary_in_channels=384, **w)),
        hf.SegformerImageProcessor(size=_square(256)))),
    Family('DeepLabV3 MobileNetV2, 513', ADE, lambda w: (
        hf.MobileNetV2ForSemanticSegmentation(hf.MobileNetV2Config(output_stride=16, **w)),
        hf.MobileNetV2ImageProcessor(size={'shortest_edge': 513}, do_center_crop=False))),
    Family('MobileViT-S, 512', ADE, lambda w: (
        hf.MobileViTForSemanticSegmentation(hf.MobileViTConfig(output_stride=16, **w)),
        hf.MobileViTImageProcessor(size={'shortest_edge': 512}, do_center_crop=False))),
    Family('BEiT, 6 layers of 192, 320x320', ADE, lambda w: (
        hf.BeitForSemanticSegmentation(hf.BeitConfig(
            hidden_size=192, num_hidden_layers=6, num_attention_heads=3, intermediate_size=768, image_size=320,
            out_indices=[2, 3, 4, 6], use_relative_position_bias=True, **w)),
        hf.BeitImageProcessor(size=_square(320), do_center_crop=False, resample=3))),
    Family('DPT, 6 layers of 192, 384x384', ADE, lambda w: (
        hf.DPTForSemanticSegmentation(hf.DPTConfig(
            hidden_size=192, num_hidden_layers=6, num_attention_heads=3, intermediate_size=768,
            backbone_out_indices=[1, 2, 3, 5], neck_hidden_sizes=[48, 96, 192, 192], fusion_hidden_size=96, **w)),
        hf.DPTImageProcessor(size=_square(384), resample=3))),
    Family('Mask2Former Swin-T, 384', COCO, lambda w: (
        hf.Mask2FormerForUniversalSegmentation(hf.Mask2FormerConfig(backbone_config=hf.SwinConfig(**SWIN), **w)),
        hf.Mask2FormerImageProcessor(size=EDGES))),
    Family('MaskFormer Swin-T, 384', COCO, lambda w: (
        hf.MaskFormerForInstanceSegmentation(hf.MaskFormerConfig(backbone_config=hf.SwinConfig(**SWIN), **w)),
        hf.MaskFormerImageProcessor(size=EDGES))),
    Family('EoMT, 8 layers of 192, 640x640', COCO, lambda w: (
        hf.EomtForUniversalSegmentation(hf.EomtConfig(
            hidden_size=192, num_hidden_layers=8, num_attention_heads=3, intermediate_size=768, num_queries=100, **w)),
        hf.EomtImageProcessor(size={'shortest_edge': 640, 'longest_edge': 640}, do_pad=True))),
    Family('DETR ResNet-50, 384', COCO, lambda w: (
        hf.DetrForSegmentation(hf.DetrConfig(
            backbone_config=hf.ResNetConfig(out_features=['stage1', 'stage2', 'stage3', 'stage4']), backbone=None,
            use_timm_backbone=False, **w)),
        hf.DetrImageProcessor(size=EDGES))),
)
PUBLISHED = ('lraspp_mobilenet_v3_large', 'deeplabv3_mobilenet_v3_large', 'fcn_resnet50', 'deeplabv3_resnet50')


class Row(NamedTuple):
    """One line of the table; times in seconds."""

    name: str
    mode: str
    words_seen: int
    agreement: float
    ours_s: float
    theirs_s: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--only', default='', help='families with this in their name')
    options = parser.parse_args()
    hf.utils.logging.set_verbosity_error()
    hf.utils.logging.disable_progress_bar()
    torch.hub.set_dir(tempfile.mkdtemp())
    picture = _picture()
    jobs: list[tuple[str, Callable[[], Row]]] = [
        *((name, lambda name=name: _of_torchvision(name, picture, options.rounds)) for name in PUBLISHED),
        *((one.name, lambda one=one: _of_transformers(one, picture, options.rounds)) for one in FAMILIES)]
    print('| network (random weights) | mode | words in the picture | equal pixels | ours / library |')
    print('|---|---|---|---|---|')
    for name, job in tqdm([one for one in jobs if options.only.lower() in one[0].lower()]):
        torch.manual_seed(0)
        row = job()
        tqdm.write(f'| {name} | {row.mode} | {row.words_seen} | {100 * row.agreement:.2f} % | '
                   f'{row.ours_s * 1e3:.0f} ms / {row.theirs_s * 1e3:.0f} ms = {row.ours_s / row.theirs_s:.2f} |')
    print(f'{torch.get_num_threads()} threads, fp32, median of {options.rounds}')


def _picture() -> Picture:
    """Return a 640x480 picture of soft coloured patches."""
    coarse = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, 3, 6, 8)).astype(np.float32))
    large = F.interpolate(coarse, (FRAME[1], FRAME[0]), mode='bicubic').clamp(0, 255)
    return large[0].permute(1, 2, 0).numpy().astype(np.uint8)


def _of_torchvision(name: str, picture: Picture, rounds: int) -> Row:
    model = published(name)
    network = built(model).eval()
    _settle(network, lambda image: network(image)['out'], len(model.words))
    model.path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), model.path)
    published_weights.Published.sha256_start = property(lambda self: '')  # type: ignore[assignment,method-assign]
    transforms: Any = model.weights.transforms()

    def librarys() -> Words:
        image = convert_image_dtype(resize(torch.from_numpy(picture).permute(2, 0, 1), transforms.resize_size))
        batch = normalize(image, transforms.mean, transforms.std)[None]
        return network(batch)['out'][0].argmax(0).numpy()

    with torch.inference_mode():
        shape = librarys().shape
    return _compared(f'torchvision:{name}', Mode.SEMANTIC, model.words, picture, librarys, rounds,
                     output_size=f'{shape[1]}x{shape[0]}')


def _of_transformers(family: Family, picture: Picture, rounds: int) -> Row:
    words = {'id2label': dict(enumerate(family.words)), 'label2id': {word: k for k, word in enumerate(family.words)}}
    network, processor = family.make(words)
    semantic = 'Semantic' in type(network).__name__
    network.eval()
    _settle(network, (lambda image: network(pixel_values=image).logits) if semantic else None, len(family.words))
    folder = tempfile.mkdtemp()
    cast(Any, network).save_pretrained(folder)
    processor.save_pretrained(folder)
    mode = Mode.SEMANTIC if semantic else Mode.PANOPTIC

    def librarys() -> Words:
        inputs = dict(processor([picture], return_tensors='pt', input_data_format='channels_last'))
        inputs.pop('patch_offsets', None)
        out = network(**inputs)
        if semantic:
            return processor.post_process_semantic_segmentation(out, target_sizes=[picture.shape[:2]])[0].numpy()
        fuse: dict[str, Any] = {} if 'Eomt' in type(network).__name__ else {'label_ids_to_fuse': set()}
        said = processor.post_process_panoptic_segmentation(out, target_sizes=[picture.shape[:2]], threshold=0.5,
                                                            **fuse)
        return _painted(said[0])

    return _compared(f'hf:{folder}', mode, family.words, picture, librarys, rounds)


def _painted(said: dict[str, Any]) -> Words:
    ids = said['segmentation'].numpy().astype(int)
    words = np.full(ids.shape, -1)
    for one in said['segments_info']:
        words[ids == one['id']] = one['label_id']
    return words


def _compared(name: str, mode: Mode, words: tuple[str, ...], picture: Picture, librarys: Callable[[], Words],
              rounds: int, **more: Any) -> Row:
    settings = Settings(device='cpu', precision='fp32', unlabelled_threshold=0.0, mode=mode.value, tracking=False,
                        **more)
    frame = Frame('', 1, '', picture)
    exact = open_model(name, settings.changed({'taxonomy': _one_to_one(words)}))
    ours = exact.segment([frame], settings)[0].labels
    exact.close()
    with torch.inference_mode():
        expected = librarys()
    assert ours is not None
    agreement = float((np.where(ours == 255, -1, ours.astype(int)) == expected).mean())
    model = open_model(name, settings)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):  # the first warms up
        for seconds, run in zip(times, (lambda: model.segment([frame], settings), librarys)):
            start = time.perf_counter()
            with torch.inference_mode():
                run()
            if turn:
                seconds.append(time.perf_counter() - start)
    model.close()
    return Row(name, mode.value, len(np.unique(expected)), agreement, median(times[0]), median(times[1]))


def _one_to_one(words: tuple[str, ...]) -> str:
    """Write a taxonomy in which each word is a class, numbered as the network numbers it."""
    rows = [{'id': k, 'name': word, 'colour': [k, 0, 0], 'role': 'obstacle'} for k, word in enumerate(words)]
    path = Path(tempfile.mkdtemp()) / 'words.yaml'
    path.write_text(yaml.safe_dump(json.loads(json.dumps({'classes': rows}))))
    return str(path)


@torch.no_grad()
def _settle(network: nn.Module, logits_of: Callable[[torch.Tensor], torch.Tensor] | None, n_words: int) -> None:
    """Scale the last layers of a random network, so that its answers differ from place to place and query to query."""
    last = [layer for name, layer in network.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))
            and 'auxiliary' not in name and layer.weight.shape[0] in (n_words, n_words + 1)]
    if logits_of is None:
        for name, value in network.named_parameters():
            if value.dim() >= 2 and ('mask_embed' in name or 'mask_head' in name or 'quer' in name):
                value.mul_(4.0)
        last[-1].weight.mul_(20.0)
        return
    image = F.interpolate(torch.from_numpy(_picture()).permute(2, 0, 1)[None] / 64.0 - 2.0, _sides(network))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    network.train()
    logits_of(torch.cat([image, image.flip(3)]))  # batch norms take the statistics of a picture
    network.eval()
    logits = logits_of(image)
    mean, scale = logits.mean((0, 2, 3)), 3.0 / logits.std((0, 2, 3)).clamp(min=1e-6)
    for layer in last if 'lraspp' in type(network).__name__.lower() else last[-1:]:
        layer.weight.mul_(scale[:, None, None, None])
        if layer.bias is not None:
            layer.bias.sub_(mean if layer is last[-1] else 0.0).mul_(scale)


def _sides(network: nn.Module) -> tuple[int, int]:
    side = getattr(getattr(network, 'config', None), 'image_size', 256)
    return (side, side) if isinstance(side, int) else (256, 256)


if __name__ == '__main__':
    main()
