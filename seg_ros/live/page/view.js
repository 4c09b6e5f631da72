// Copyright 2026 seg_ros maintainers
// SPDX-License-Identifier: Apache-2.0
// The live view: asks for the newest picture once the last one is shown, and for the state twice a second. While the
// page is hidden or frozen it asks for no picture, so that the node has nobody to work for.
'use strict';

const STATE_EVERY_MS = 500;
const RETRY_MS = 1000;
const MOST_OBJECTS = 100;

const byId = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const modeButtons = [...document.querySelectorAll('[data-mode]')];

let camera = '';
let frozen = false;
let switching = '';
let hasReport = false;
let shownNumber = 0;
let shownUrl = '';
let shownAt = [];

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function swatch(colour) {
  const made = element('span', {className: 'swatch'});
  made.style.backgroundColor = `rgb(${colour.join(' ')})`;
  return made;
}

function bar(share, colour) {
  const inner = element('span');
  inner.style.width = `${Math.min(100, 100 * share)}%`;
  if (colour) inner.style.backgroundColor = `rgb(${colour.join(' ')})`;
  const made = element('span', {className: 'bar'}, inner);
  made.setAttribute('aria-hidden', 'true');
  return made;
}

const row = (...cells) => element('tr', {}, ...cells.map((cell) => element('td', {}, ...[cell].flat())));

// ---- the picture

async function showPicture(answer) {
  const url = URL.createObjectURL(await answer.blob());
  const picture = byId('picture');
  const next = new Image();
  next.src = url;
  try {
    await next.decode();
  } catch {
    URL.revokeObjectURL(url);
    return;
  }
  if (frozen) {
    URL.revokeObjectURL(url);
    return;
  }
  picture.src = url;
  picture.hidden = false;
  byId('instead').hidden = true;
  if (shownUrl) URL.revokeObjectURL(shownUrl);
  shownUrl = url;
  const now = performance.now();
  shownAt = [...shownAt.filter((at) => now - at < 3000), now];
  const rate = shownAt.length > 1 ? (shownAt.length - 1) / ((now - shownAt[0]) / 1000) : 0;
  const stamp = Number(answer.headers.get('X-Stamp-Ns')) / 1e9;
  byId('shown').textContent = `${next.naturalWidth} × ${next.naturalHeight} · stamp ${stamp.toFixed(2)} s · `
    + `shown at ${rate.toFixed(1)} Hz`;
}

function hidePicture() {
  byId('picture').hidden = true;
  byId('shown').textContent = '';
  shownAt = [];
}

function forget() {
  hidePicture();
  byId('model').textContent = '\u00a0';
  byId('remedy').hidden = true;
  byId('caption').hidden = true;
  byId('facts').hidden = true;
  for (const button of modeButtons) button.setAttribute('aria-pressed', 'false');
}

async function pictures() {
  for (;;) {
    if (document.hidden || frozen || !hasReport) {
      await sleep(100);
      continue;
    }
    try {
      const asked = camera;
      const answer = await fetch(`/picture?camera=${encodeURIComponent(asked)}&after=${shownNumber}`);
      if (answer.status === 200 && asked === camera) {
        shownNumber = Number(answer.headers.get('X-Number'));
        await showPicture(answer);
      } else if (!answer.ok) {
        await sleep(RETRY_MS);
      }
    } catch {
      await sleep(RETRY_MS);
    }
  }
}

// ---- the numbers

const WORDS = {here: 'connected', quiet: 'busy', absent: 'not there', ended: 'view has ended'};

function explain(title, words, steps) {
  byId('instead').hidden = false;
  byId('instead').querySelector('h2').textContent = title;
  byId('instead').querySelector('p').textContent = words;
  byId('instead').querySelector('ol').replaceChildren(...steps.map(([text, command]) =>
    element('li', {}, text, ...(command ? [element('code', {}, command)] : []))));
}

function explainAbsence(state) {
  forget();
  const others = state.others.map((name) => [`${name} is there. To see it:`, `seg_ros view --node ${name}`]);
  explain(`${state.node} is not there`, 'This page goes on by itself as soon as it is.', [
    ...others,
    ['Start it, with the topic of your camera:', 'ros2 run seg_ros segmentation --ros-args -r image:=/camera/image_raw'],
    ['It runs already? Then it has another name, or ROS_DOMAIN_ID differs between the two terminals:',
      'ros2 node list'],
  ]);
}

function explainSilence(state) {
  const report = state.report;
  if (!report) {
    forget();
    explain(`${state.node} says nothing yet`, 'It is starting, loading a model, or it is a node of another kind.', []);
  } else if (byId('picture').hidden) {
    explain(report.level === 'ok' ? 'Waiting for the first picture' : 'No picture yet', report.verdict,
      report.remedy ? [[report.remedy]] : []);
  }
}

function showReport(report) {
  byId('caption').hidden = false;
  byId('facts').hidden = false;
  byId('model').textContent = [report.model, report.device, report.precision].filter(Boolean).join(' · ');
  byId('verdict').textContent = report.verdict;
  byId('verdict').dataset.level = report.level;
  byId('remedy').textContent = report.remedy;
  byId('remedy').hidden = !report.remedy;
  for (const [name, digits] of [['input_hz', 1], ['output_hz', 1], ['p50_ms', 0], ['p95_ms', 0], ['dropped', 0],
    ['undecodable', 0]]) {
    const number = report.numbers[name];
    byId(name).textContent = number === undefined ? '–' : number.toFixed(digits);
  }
  const costs = Object.entries(report.costs).sort((one, other) => other[1] - one[1]);
  byId('costs-section').hidden = !costs.length;
  byId('costs').replaceChildren(...costs.map(([name, ms]) => barRow(name, ms / costs[0][1], `${ms.toFixed(1)} ms`)));
}

function barRow(name, share, amount, colour) {
  return element('li', {}, colour ? swatch(colour) : element('span'), element('span', {className: 'name', title: name}, name),
    bar(share, colour), element('span', {className: 'amount'}, amount));
}

function showContent(report, objects) {
  byId('shares').replaceChildren(...report.shares.map((one) =>
    barRow(one.name, one.percent / 100, `${one.percent.toFixed(1)} %`, one.colour)));
  byId('shares-section').hidden = !report.shares.length;
  byId('objects-section').hidden = !objects;
  byId('objects-number').textContent = objects ? objects.length : '';
  const rows = (objects || []).slice(0, MOST_OBJECTS).map((one) =>
    row([swatch(one.colour), one.id ? `#${one.id}` : '–'], one.name, `${Math.round(100 * one.score)} %`,
      `${one.width} × ${one.height}`));
  const more = (objects || []).length - rows.length;
  byId('objects').replaceChildren(...rows, ...(more > 0 ? [row('', `and ${more} more`, '', '')] : []));
  byId('objects-none').hidden = rows.length > 0;
  byId('objects-table').hidden = !rows.length;
  byId('counts-section').hidden = !report.counts.length;
  byId('counts').replaceChildren(...report.counts.map((one) =>
    row([swatch(one.colour), one.name], String(one.now), String(one.ever))));
}

function showCameras(cameras) {
  const choice = byId('camera');
  byId('camera-choice').hidden = cameras.length < 2;
  if (cameras.join('\n') !== [...choice.options].map((one) => one.value).join('\n')) {
    choice.replaceChildren(...cameras.map((name) => element('option', {value: name}, name || 'the camera')));
  }
  if (cameras.length && !cameras.includes(camera)) chooseCamera(cameras[0]);
  choice.value = camera;
}

function chooseCamera(name) {
  camera = name;
  shownNumber = 0;
  setFrozen(false);
  hidePicture();
}

function showState(state) {
  hasReport = state.report !== null;
  byId('node').textContent = state.node;
  document.title = `${state.node} · seg_ros view`;
  setPresence(state.presence);
  showCameras(state.cameras);
  for (const button of modeButtons) {
    button.disabled = state.presence === 'absent' || switching !== '';
    button.setAttribute('aria-pressed', String(hasReport && !switching && state.report.mode === button.dataset.mode));
  }
  if (frozen) return;
  if (state.presence === 'absent') explainAbsence(state);
  else explainSilence(state);
  if (state.report) {
    showReport(state.report);
    showContent(state.report, state.objects);
  }
}

function setPresence(word) {
  document.body.dataset.presence = word;
  const said = WORDS[word] || word;
  if (byId('presence').textContent !== said) byId('presence').textContent = said;  // read aloud when it changes
}

async function states() {
  for (;;) {
    if (document.hidden) {
      await sleep(100);
      continue;
    }
    try {
      const answer = await fetch(`/state?camera=${encodeURIComponent(camera)}`);
      if (!answer.ok) throw new Error((await answer.json()).reason);
      showState(await answer.json());
    } catch {
      hasReport = false;
      setPresence('ended');
      for (const button of modeButtons) button.disabled = true;
      if (!frozen) {
        forget();
        explain('seg_ros view has ended', 'This page goes on by itself when it runs again.',
          [['In the terminal it ran in, type:', 'seg_ros view']]);
      }
      await sleep(RETRY_MS);
    }
    await sleep(STATE_EVERY_MS);
  }
}

// ---- what a person does

function say(words) {
  byId('message').hidden = !words;
  byId('message').querySelector('p').textContent = words;
}

async function choose(button) {
  const mode = button.dataset.mode;
  switching = mode;
  say('');
  button.setAttribute('aria-busy', 'true');
  for (const one of modeButtons) one.disabled = true;
  try {
    const answer = await fetch('/mode', {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({mode}),
    });
    if (!answer.ok) say(`Not switched to ${mode}: ${(await answer.json()).reason}`);
  } catch {
    say(`Not switched to ${mode}: seg_ros view does not answer.`);
  }
  switching = '';
  button.removeAttribute('aria-busy');
  for (const one of modeButtons) one.disabled = false;
  button.focus();
}

function setFrozen(wanted) {
  frozen = wanted;
  byId('freeze').setAttribute('aria-pressed', String(frozen));
  byId('held').hidden = !frozen;
  shownAt = [];
}

for (const button of modeButtons) button.addEventListener('click', () => choose(button));
byId('freeze').addEventListener('click', () => setFrozen(!frozen));
byId('camera').addEventListener('change', (event) => chooseCamera(event.target.value));
byId('message').querySelector('button').addEventListener('click', () => say(''));

states();
pictures();
