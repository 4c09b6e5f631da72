// Copyright 2026 seg_ros maintainers
// SPDX-License-Identifier: Apache-2.0
// The picture: the overlay over the camera's own image, more or less of it, and what a click on it means.

import {byId, timeOf} from '/parts.js';

const overlay = byId('picture');
const plain = byId('plain');
let urls = [];
let shownAt = [];
let objects = [];
let lastClick = {x: -1, y: -1, turn: 0};

export let opacity = 1;

export function setOpacity(wanted) {
  opacity = wanted;
  overlay.style.opacity = plain.hidden ? 1 : opacity;
  for (const button of document.querySelectorAll('[data-opacity]')) {
    button.setAttribute('aria-pressed', String(Number(button.dataset.opacity) === opacity));
  }
}

async function decoded(blob) {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(image.src);
    return null;
  }
  return image;
}

/** Show an overlay, and below it the camera's own image where there is one; return whether that could be done. */
export async function showPicture(overlayBlob, plainBlob, stampS, seen, still) {
  const next = await decoded(overlayBlob);
  const below = plainBlob ? await decoded(plainBlob) : null;
  const fresh = [next, below].filter(Boolean).map((image) => image.src);
  if (!next || still()) {
    fresh.forEach((url) => URL.revokeObjectURL(url));
    return false;
  }
  overlay.src = next.src;
  overlay.hidden = false;
  plain.hidden = !below;
  if (below) plain.src = below.src;
  setOpacity(opacity);
  byId('instead').hidden = true;
  urls.forEach((url) => URL.revokeObjectURL(url));
  urls = fresh;
  objects = seen.objects || [];
  const now = performance.now();
  shownAt = [...shownAt.filter((at) => now - at < 3000), now];
  const rate = shownAt.length > 1 ? (shownAt.length - 1) / ((now - shownAt[0]) / 1000) : 0;
  byId('shown').textContent = `${timeOf(stampS, seen.age_s)} · ${next.naturalWidth} × ${next.naturalHeight}`
    + ` · shown at ${rate.toFixed(1)} Hz`;
  return true;
}

export function hidePicture() {
  overlay.hidden = true;
  plain.hidden = true;
  objects = [];
  byId('shown').textContent = '';
  shownAt = [];
}

export function restartRate() {
  shownAt = [];
}

/** Return where a pointer is in the pixels of the picture, which keeps its shape within its frame. */
function pixelOf(event) {
  const frame = overlay.getBoundingClientRect();
  const scale = Math.min(frame.width / overlay.naturalWidth, frame.height / overlay.naturalHeight);
  const left = frame.left + (frame.width - scale * overlay.naturalWidth) / 2;
  const top = frame.top + (frame.height - scale * overlay.naturalHeight) / 2;
  return {x: (event.clientX - left) / scale, y: (event.clientY - top) / scale};
}

/** Return the objects with a lasting id whose boxes hold a place, the smallest first. */
function objectsAt({x, y}) {
  return objects.filter((one) => one.id && x >= one.left && x < one.left + one.width && y >= one.top
    && y < one.top + one.height).sort((one, other) => one.width * one.height - other.width * other.height);
}

/** Tell of a click which object was meant; of several, another one with each click on the same place. */
export function onObjectClick(tell) {
  overlay.addEventListener('click', (event) => {
    const at = pixelOf(event);
    const there = objectsAt(at);
    if (!there.length) return;
    const again = Math.hypot(at.x - lastClick.x, at.y - lastClick.y) < 8;
    lastClick = {...at, turn: again ? lastClick.turn + 1 : 0};
    tell(there[lastClick.turn % there.length]);
  });
  overlay.addEventListener('pointermove', (event) => {
    overlay.style.cursor = objectsAt(pixelOf(event)).length ? 'pointer' : '';
  });
}
