// Copyright 2026 seg_ros maintainers
// SPDX-License-Identifier: Apache-2.0
// The map beside the camera: asked for once a second while there is one and somebody sees the page.

import {byId, sleep} from '/parts.js';

const EVERY_MS = 1000;

let isThere = false;
let shownNumber = 0;
let shownUrl = '';

export function showMap(there) {
  isThere = there;
  if (!there) byId('map-figure').hidden = true;
}

export async function maps(isHeld) {
  for (;;) {
    if (!document.hidden && !isHeld() && isThere) {
      try {
        const answer = await fetch(`/map?after=${byId('map-figure').hidden ? 0 : shownNumber}`);
        if (answer.status === 200) await show(answer);
      } catch {
        showMap(false);  // until the state tells of it again
      }
    }
    await sleep(EVERY_MS);
  }
}

async function show(answer) {
  shownNumber = Number(answer.headers.get('X-Number'));
  const before = shownUrl;
  shownUrl = URL.createObjectURL(await answer.blob());
  byId('map').src = shownUrl;
  await byId('map').decode().catch(() => {});
  if (before) URL.revokeObjectURL(before);
  byId('map-figure').hidden = !isThere;
}
