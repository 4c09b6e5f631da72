# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Label pictures with what a model is sure of, to train on them."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from tqdm import tqdm

from seg_ros.cli.arguments import count, new_folder, share
from seg_ros.lab.coco import CocoPixels
from seg_ros.lab.pseudo_labels import open_teacher, write_pseudo_labels
from seg_ros.labels.taxonomy import load_taxonomy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('--model', default='indoor',
                        help='a shipped name, the folder of a semantic model, or the published MOSAIC (.onnx)')
    parser.add_argument('--images', type=Path, required=True, help='folder of images')
    parser.add_argument('--out', type=new_folder, required=True,
                        help='gets the folders images and labels; what is there stays')
    parser.add_argument('--at-least', type=share, default=0.8, metavar='SHARE',
                        help='mean probability, over several sizes and mirrored, below which a pixel is 255')
    parser.add_argument('--every', type=count, default=1, metavar='N', help='label every Nth picture')
    parser.add_argument('--coco', type=Path, metavar='JSON', help='outlines of objects in these images: they are right')
    parser.add_argument('--coco-classes', nargs='+', default=['person', 'plant', 'furniture', 'object'],
                        metavar='CLASS', help='the robot classes to take from --coco')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')


def run(options: argparse.Namespace) -> int:
    """Ask the model and say where its answers lie."""
    truth = options.coco and CocoPixels(options.images, options.coco, load_taxonomy(options.taxonomy),
                                        options.coco_classes)
    written = write_pseudo_labels(
        open_teacher(options.model, options.taxonomy), options.images, options.out, at_least=options.at_least,
        every=options.every, truth=truth, progress=partial(tqdm, unit='image', desc=options.model))
    print(f'{written} pictures are labelled. Train on them: --more {options.out}/images {options.out}/labels')
    return 0
