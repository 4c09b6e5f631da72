// Copyright 2026 seg_ros maintainers
// SPDX-License-Identifier: Apache-2.0
// The live view: asks for the newest picture once the last one is shown, and for the state twice a second. While the
// page is hidden or frozen it asks for no picture, so that the node has nobody to work for.

import {barRow, byId, cellRow, element, fillBar, fillCells, forgetRows, keepRows, sentence, setText, sleep}
  from '/parts.js';
import {maps, showMap} from '/map.js';
import {hidePicture, onObjectClick, opacity, restartRate, setOpacity, showPicture} from '/sight.js';

const STATE_EVERY_MS = 500;
const RETRY_MS = 1000;
const MOST_OBJECTS = 100;

const modeButtons = [...document.querySelectorAll('[data-mode]')];

let camera = '';
let frozen = false;
let switching = '';
let hasReport = false;
let shownNumber = 0;
let target = {id: 0, name: ''};

// ---- the picture

async function below(stamp) {
  if (opacity === 1) return null;
  const answer = await fetch(`/below?camera=${encodeURIComponent(camera)}&stamp=${stamp}`);
  return answer.status === 200 ? answer.blob() : null;
}

async function showAnswer(answer, asked) {
  const stamp = answer.headers.get('X-Stamp-Ns');
  const seen = JSON.parse(answer.headers.get('X-Seen'));
  const [overlay, plain] = await Promise.all([answer.blob(), below(stamp)]);
  const still = () => frozen || asked !== camera;
  if (await showPicture(overlay, plain, Number(stamp) / 1e9, seen, still)) showObjects(seen.objects);
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
        await showAnswer(answer, asked);
      } else if (!answer.ok) {
        await sleep(RETRY_MS);
      }
    } catch {
      await sleep(RETRY_MS);
    }
  }
}

function objectRow(one) {
  const button = element('button', {type: 'button', className: 'id', title: 'Make it the target, or none'});
  const row = cellRow(4, button);
  button.addEventListener('click', () => chooseTarget(row.object));
  button.disabled = !one.id;
  return row;
}

function fillObject(row, one) {
  row.object = one;
  fillCells(row, one.colour, [one.id ? `#${one.id}` : '–', one.name,
    one.continued ? `${one.percent} continued` : one.percent, `${one.width} × ${one.height}`]);
  row.classList.toggle('target', one.target);
  row.querySelector('button').setAttribute('aria-pressed', String(one.target));
}

function showObjects(objects) {
  byId('objects-section').hidden = !objects;
  const shown = [...(objects || [])].map((one, k) => ({...one, key: one.id || `no ${k}`}))
    .sort((one, other) => one.id - other.id).slice(0, MOST_OBJECTS);
  setText(byId('objects-number'), objects ? String(objects.length) : '');
  keepRows(byId('objects'), shown, {keyOf: (one) => one.key, make: objectRow, fill: fillObject, linger: true});
  byId('objects-none').hidden = byId('objects').rows.length > 0;
  const one = (objects || []).find((each) => each.target);
  const chosen = target.id ? `#${target.id}` : `any ${target.name}`;
  byId('target').hidden = !(target.id || target.name) || !objects;
  setText(byId('target-words'), one ? `target #${one.id} ${one.name}` : `target ${chosen}: not in sight`);
}

// ---- the numbers

const PRESENCE = {here: 'connected', quiet: 'busy', absent: 'not there', ended: 'view has ended'};
const BY_LEVEL = {stale: ['waiting', 'quiet'], error: ['fault', 'absent']};

function explain(title, words, steps) {
  byId('instead').hidden = false;
  setText(byId('instead').querySelector('h2'), title);
  setText(byId('instead').querySelector('p'), words);
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
      report.remedy ? [[sentence(report.remedy)]] : []);
  }
}

function forget() {
  hidePicture();
  setText(byId('model'), '\u00a0');
  for (const id of ['remedy', 'caption', 'facts', 'target', 'looks']) byId(id).hidden = true;
  for (const id of ['shares', 'objects', 'counts', 'costs']) forgetRows(byId(id));
  for (const button of modeButtons) button.setAttribute('aria-pressed', 'false');
}

function showReport(report) {
  for (const id of ['caption', 'facts', 'looks']) byId(id).hidden = false;
  const model = [report.model, report.device, report.precision].filter((word) => word && word !== 'none');
  setText(byId('model'), model.join(' · ') || '\u00a0');
  setText(byId('verdict'), report.verdict);
  byId('verdict').dataset.level = report.level;
  setText(byId('remedy'), sentence(report.remedy));
  byId('remedy').hidden = !report.remedy;
  for (const [name, digits] of [['input_hz', 1], ['output_hz', 1], ['p50_ms', 0], ['p95_ms', 0], ['dropped', 0],
    ['undecodable', 0]]) {
    const number = report.numbers[name];
    setText(byId(name), number === undefined ? '–' : number.toFixed(digits));
  }
  const costs = Object.entries(report.costs);
  const most = Math.max(...costs.map(([, ms]) => ms));
  byId('costs-section').hidden = !costs.length;
  keepRows(byId('costs'), costs, {keyOf: ([name]) => name, make: barRow,
    fill: (row, [name, ms]) => fillBar(row, name, ms / most, `${ms.toFixed(1)} ms`)});
}

function showContent(report) {
  byId('shares-section').hidden = !report.shares.length;
  keepRows(byId('shares'), report.shares, {keyOf: (one) => one.name, make: barRow, linger: report.shares.length > 0,
    fill: (row, one) => fillBar(row, one.name, one.percent / 100, `${one.percent.toFixed(1)} %`, one.colour)});
  byId('counts-section').hidden = !report.counts.length;
  keepRows(byId('counts'), report.counts, {keyOf: (one) => one.name, make: () => cellRow(3),
    fill: (row, one) => fillCells(row, one.colour, [one.name, String(one.now ?? "–"), String(one.ever)])});
}

// ---- the cameras

function cameraButton(one) {
  const button = element('button', {type: 'button'}, element('span', {className: 'dot'}), element('span'));
  button.dataset.camera = one.name;
  button.addEventListener('click', () => chooseCamera(one.name));
  return button;
}

function fillCamera(button, one) {
  button.dataset.level = one.level;
  button.setAttribute('aria-pressed', String(one.name === camera));
  button.title = one.verdict;
  setText(button.lastChild, one.name || 'the camera');
}

function fillFault(row, one) {
  row.dataset.level = one.level;
  setText(row.firstChild, `${one.name || 'the camera'}: `);
  setText(row.lastChild, one.remedy ? `${one.verdict}. ${sentence(one.remedy)}` : one.verdict);
}

function showCameras(fares) {
  byId('cameras').hidden = fares.length < 2;
  if (fares.length && !fares.some((one) => one.name === camera)) chooseCamera(fares[0].name);
  const keyOf = (one) => one.name;
  keepRows(byId('cameras'), fares, {keyOf, make: cameraButton, fill: fillCamera});
  const faulty = fares.filter((one) => one.level !== 'ok' && one.name !== camera);
  keepRows(byId('faults'), faulty, {keyOf, fill: fillFault,
    make: () => element('li', {}, element('b'), element('span'))});
  byId('faults').hidden = !faulty.length;
}

function chooseCamera(name) {
  camera = name;
  shownNumber = 0;
  setFrozen(false);
  hidePicture();
  for (const id of ['shares', 'objects', 'counts']) forgetRows(byId(id));
}

function showState(state) {
  hasReport = state.report !== null;
  showMap(state.map);
  target = state.target;
  setText(byId('node'), state.node);
  document.title = `${state.node} · seg_ros view`;
  setPresence(state.presence, state.report && state.report.level);
  showCameras(state.fares);
  for (const button of modeButtons) {
    button.disabled = state.presence === 'absent' || switching !== '';
    button.setAttribute('aria-pressed', String(hasReport && !switching && state.report.mode === button.dataset.mode));
  }
  if (frozen) return;
  if (state.presence === 'absent') explainAbsence(state);
  else explainSilence(state);
  if (state.report) {
    showReport(state.report);
    showContent(state.report);
    if (state.report.mode === 'semantic') showObjects(null);
  }
}

/** Say how it is with the node, or with the camera shown when the node is well: who has no images is not connected. */
function setPresence(word, level) {
  const [said, looks] = (word === 'here' && BY_LEVEL[level]) || [PRESENCE[word] || word, word];
  document.body.dataset.presence = looks;
  setText(byId('presence'), said);  // read aloud when it changes
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
      showMap(false);
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
  setText(byId('message').querySelector('p'), words);
}

async function post(path, content, failed) {
  say('');
  try {
    const answer = await fetch(path, {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(content),
    });
    if (answer.ok) return true;
    say(`${failed}: ${(await answer.json()).reason}`);
  } catch {
    say(`${failed}: seg_ros view does not answer.`);
  }
  return false;
}

async function chooseMode(button) {
  const mode = button.dataset.mode;
  switching = mode;
  button.setAttribute('aria-busy', 'true');
  for (const one of modeButtons) one.disabled = true;
  await post('/mode', {mode}, `Not switched to ${mode}`);
  switching = '';
  button.removeAttribute('aria-busy');
  for (const one of modeButtons) one.disabled = false;
  button.focus();
}

/** Make an object the target; if it is, or where none is named, there is no target any more. */
async function chooseTarget(one) {
  const id = one && !one.target ? one.id : 0;
  if (await post('/target', {id}, id ? `#${id} was not made the target` : 'The target was not given up')) {
    target = {id, name: ''};
    byId('target').hidden = !id;
    setText(byId('target-words'), id ? `target #${id} ${one.name}` : '');
  }
}

function setFrozen(wanted) {
  frozen = wanted;
  byId('freeze').setAttribute('aria-pressed', String(frozen));
  byId('held').hidden = !frozen;
  restartRate();
}

const KEYS = {
  f: () => setFrozen(!frozen),
  p: () => setOpacity(opacity === 0 ? 1 : 0),
  o: () => setOpacity({1: 0.5, 0.5: 0, 0: 1}[opacity]),
  Escape: () => (target.id || target.name) && chooseTarget(null),
};

for (const button of modeButtons) button.addEventListener('click', () => chooseMode(button));
for (const button of document.querySelectorAll('[data-opacity]')) {
  button.addEventListener('click', () => setOpacity(Number(button.dataset.opacity)));
}
byId('freeze').addEventListener('click', () => setFrozen(!frozen));
byId('message').querySelector('button').addEventListener('click', () => say(''));
byId('no-target').addEventListener('click', () => chooseTarget(null));
onObjectClick(chooseTarget);
document.addEventListener('keydown', (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
});

states();
pictures();
maps(() => frozen);
