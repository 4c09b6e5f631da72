# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Small networks of every family of transformers, built from configuration and saved as save_pretrained does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from scenes.networks import lively
from torch import nn
from torch.nn import functional as F

WORDS = ('floor', 'wall', 'ceiling', 'door', 'window', 'person')
SMALL_SWIN = {'embed_dim': 8, 'depths': [1, 1, 1, 1], 'num_heads': [1, 1, 2, 2], 'window_size': 4,
              'out_features': ['stage1', 'stage2', 'stage3', 'stage4']}
SMALL_RESNET = {'embedding_size': 8, 'hidden_sizes': [8, 16, 24, 32], 'depths': [1, 1, 1, 1], 'layer_type': 'basic'}
EDGES = {'shortest_edge': 64, 'longest_edge': 96}


def segformer(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.SegformerConfig(depths=[1] * 4, hidden_sizes=[8, 16, 24, 32], num_attention_heads=[1, 1, 2, 2],
                                decoder_hidden_size=16, **words)
    return hf.SegformerForSemanticSegmentation(config), hf.SegformerImageProcessor(size={'height': 64, 'width': 64})


def upernet(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    backbone = hf.SwinConfig(**SMALL_SWIN)
    config = hf.UperNetConfig(backbone_config=backbone, hidden_size=16, auxiliary_channels=8, pool_scales=[1, 2],
                              auxiliary_in_channels=32, **words)
    return hf.UperNetForSemanticSegmentation(config), hf.SegformerImageProcessor(size={'height': 64, 'width': 64})


def mobilenet_v2(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.MobileNetV2Config(depth_multiplier=0.35, min_depth=4, output_stride=16, **words)
    processor = hf.MobileNetV2ImageProcessor(size={'shortest_edge': 65}, crop_size={'height': 65, 'width': 65})
    return hf.MobileNetV2ForSemanticSegmentation(config), processor


def beit(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.BeitConfig(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
                           image_size=64, patch_size=16, out_indices=[1, 2, 3, 4], use_relative_position_bias=True,
                           pool_scales=[1, 2], **words)
    processor = hf.BeitImageProcessor(size={'height': 64, 'width': 64}, do_center_crop=False, resample=3)
    return hf.BeitForSemanticSegmentation(config), processor


def dpt(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.DPTConfig(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
                          image_size=64, patch_size=16, backbone_out_indices=[0, 1, 2, 3], is_hybrid=False,
                          neck_hidden_sizes=[8, 8, 16, 16], fusion_hidden_size=16, readout_type='project', **words)
    processor = hf.DPTImageProcessor(size={'height': 64, 'width': 64}, resample=3)
    return hf.DPTForSemanticSegmentation(config), processor


def mobilevit(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.MobileViTConfig(hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 8, 16, 24, 32, 40, 64],
                                num_attention_heads=2, aspp_out_channels=16, output_stride=16, image_size=64, **words)
    processor = hf.MobileViTImageProcessor(size={'shortest_edge': 64}, crop_size={'height': 64, 'width': 64})
    return hf.MobileViTForSemanticSegmentation(config), processor


def mask2former(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.Mask2FormerConfig(backbone_config=hf.SwinConfig(**SMALL_SWIN), feature_size=32, mask_feature_size=32,
                                  hidden_dim=32, encoder_feedforward_dim=16, encoder_layers=1, decoder_layers=2,
                                  num_attention_heads=2, dim_feedforward=16, num_queries=8, **words)
    return hf.Mask2FormerForUniversalSegmentation(config), hf.Mask2FormerImageProcessor(size=EDGES)


def maskformer(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    decoder = hf.DetrConfig(num_queries=8, d_model=16, encoder_layers=1, decoder_layers=1, decoder_ffn_dim=16,
                            encoder_attention_heads=2, decoder_attention_heads=2)
    config = hf.MaskFormerConfig(backbone_config=hf.SwinConfig(**SMALL_SWIN), decoder_config=decoder,
                                 fpn_feature_size=32, mask_feature_size=32, **words)
    return hf.MaskFormerForInstanceSegmentation(config), hf.MaskFormerImageProcessor(size=EDGES, size_divisor=32)


def oneformer(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.OneFormerConfig(backbone_config=hf.SwinConfig(**SMALL_SWIN), hidden_dim=32, conv_dim=32, mask_dim=32,
                                encoder_feedforward_dim=16, encoder_layers=2, decoder_layers=2, num_attention_heads=2,
                                dim_feedforward=16, num_queries=8, text_encoder_width=32, text_encoder_num_layers=1,
                                text_encoder_vocab_size=64, is_training=False, query_dec_layers=1, **words)
    return hf.OneFormerForUniversalSegmentation(config), hf.OneFormerImageProcessor(size=EDGES)


def eomt(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.EomtConfig(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
                           image_size=64, patch_size=16, num_blocks=2, num_queries=8, num_upscale_blocks=1, **words)
    processor = hf.EomtImageProcessor(size={'shortest_edge': 64, 'longest_edge': 64}, do_pad=True)
    return hf.EomtForUniversalSegmentation(config), processor


def eomt_in_windows(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    network, _ = eomt(words)
    return network, hf.EomtImageProcessor(size={'shortest_edge': 64, 'longest_edge': None}, do_split_image=True)


def detr(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    backbone = hf.ResNetConfig(**SMALL_RESNET, out_features=['stage1', 'stage2', 'stage3', 'stage4'])
    config = hf.DetrConfig(backbone_config=backbone, use_timm_backbone=False, backbone=None, num_queries=8,
                           d_model=64, encoder_layers=1, decoder_layers=1, decoder_ffn_dim=16,
                           encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=16, **words)
    return hf.DetrForSegmentation(config), hf.DetrImageProcessor(size=EDGES)


def eomt_dinov3(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    config = hf.EomtDinov3Config(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32,
                                 image_size=64, patch_size=16, num_blocks=2, num_queries=8, num_upscale_blocks=1,
                                 **words)
    processor = hf.EomtImageProcessor(size={'shortest_edge': 64, 'longest_edge': 64}, do_pad=True)
    return hf.EomtDinov3ForUniversalSegmentation(config), processor


def rf_detr(words: dict[str, Any]) -> tuple[nn.Module, Any]:
    backbone = {'model_type': 'rf_detr_dinov2', 'hidden_size': 48, 'num_hidden_layers': 6, 'num_attention_heads': 3,
                'image_size': 64, 'patch_size': 16, 'num_windows': 2, 'out_features': ['stage2', 'stage4', 'stage6']}
    config = hf.RfDetrConfig(backbone_config=backbone, d_model=64, num_queries=8, group_detr=1, decoder_layers=2,
                             **words)
    return hf.RfDetrForInstanceSegmentation(config), hf.RfDetrImageProcessor(size={'height': 64, 'width': 64})


SEMANTIC: dict[str, Callable[[dict[str, Any]], tuple[nn.Module, Any]]] = {
    'segformer': segformer, 'upernet': upernet, 'mobilenet_v2': mobilenet_v2, 'mobilevit': mobilevit, 'beit': beit,
    'dpt': dpt}
UNIVERSAL: dict[str, Callable[[dict[str, Any]], tuple[nn.Module, Any]]] = {
    'mask2former': mask2former, 'maskformer': maskformer, 'oneformer': oneformer, 'eomt': eomt,
    'eomt_dinov3': eomt_dinov3, 'detr': detr}
INSTANCE: dict[str, Callable[[dict[str, Any]], tuple[nn.Module, Any]]] = {'rf_detr': rf_detr}
FAMILIES = {**SEMANTIC, **UNIVERSAL, **INSTANCE, 'eomt_in_windows': eomt_in_windows}


def save_small(family: str, folder: Path, words: Sequence[str] = WORDS, seed: int = 0) -> Path:
    """Write a network with random weights, its processor, and what else its family needs, into a folder."""
    torch.manual_seed(seed)
    table = {'id2label': dict(enumerate(words)), 'label2id': {word: k for k, word in enumerate(words)}}
    network, processor = FAMILIES[family](table)
    spread(network.eval(), len(words))
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    if family == 'oneformer':
        _save_tokenizer(folder)
    return folder


def spread(network: nn.Module, n_words: int) -> None:
    """Make a random network's answers differ: from place to place, and from query to query."""
    lively(network)
    scored = [layer for name, layer in network.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))
              and 'auxiliary' not in name and layer.weight.shape[0] in (n_words, n_words + 1)]
    with torch.no_grad():
        for name, value in network.named_parameters():
            if value.dim() >= 2 and ('mask_embed' in name or 'mask_head' in name or 'quer' in name):
                value.mul_(6.0)
            elif value.dim() == 4 and ('neck' in name or name.startswith('head')):
                value.mul_(8.0)
        scored[-1].weight.mul_(20.0)
        picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 4 - 2
        if isinstance(scored[-1], nn.Conv2d):
            logits = network(pixel_values=F.interpolate(picture[..., ::16, ::16], 64)).logits
            mean, scale = logits.mean((0, 2, 3)), 3.0 / logits.std((0, 2, 3)).clamp(min=1e-3)
            if scored[-1].bias is None:
                scored[-1].bias = nn.Parameter(torch.zeros(n_words))
            scored[-1].weight.mul_(scale[:, None, None, None])
            scored[-1].bias.copy_((scored[-1].bias - mean) * scale)


def _save_tokenizer(folder: Path) -> None:
    """Write a tokenizer of CLIP's kind that knows letters alone."""
    letters = [*'abcdefghijklmnopqrstuvwxyz', *(f'{c}</w>' for c in 'abcdefghijklmnopqrstuvwxyz')]
    vocabulary = {word: k for k, word in enumerate([*letters, '<|startoftext|>', '<|endoftext|>'])}
    (folder / 'vocab.json').write_text(json.dumps(vocabulary))
    (folder / 'merges.txt').write_text('#version: 0.2\n')
    hf.CLIPTokenizer(str(folder / 'vocab.json'), str(folder / 'merges.txt')).save_pretrained(folder)
