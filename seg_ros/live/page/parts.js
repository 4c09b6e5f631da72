// Copyright 2026 seg_ros maintainers
// SPDX-License-Identifier: Apache-2.0
// Pieces of the page, and lists whose rows stay where they are while their numbers change.

export const byId = (id) => document.getElementById(id);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const LINGER_MS = 1500;  // so long a row stays, pale, after what it tells of is gone

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

export const sentence = (words) => words && `${words[0].toUpperCase()}${words.slice(1)}.`;

const css = (colour) => `rgb(${colour.join(' ')})`;

export function swatch(colour) {
  const made = element('span', {className: 'swatch'});
  if (colour) made.style.backgroundColor = css(colour);
  else made.classList.add('none');
  return made;
}

/** Make a row of a bar list: a swatch, a name, a bar and an amount. */
export function barRow() {
  const inner = element('span');
  const bar = element('span', {className: 'bar'}, inner);
  bar.setAttribute('aria-hidden', 'true');
  return element('li', {}, swatch(), element('span', {className: 'name'}), bar, element('span', {className: 'amount'}));
}

export function fillBar(row, name, share, amount, colour) {
  const [mark, word, bar, number] = row.children;
  mark.classList.toggle('none', !colour);
  if (colour) mark.style.backgroundColor = css(colour);
  word.title = name;
  setText(word, name);
  bar.firstChild.style.width = `${Math.min(100, 100 * share)}%`;
  if (colour) bar.firstChild.style.backgroundColor = css(colour);
  setText(number, amount);
}

/** Make a table row of empty cells, the first with a swatch and a place for words. */
export function cellRow(cells, first = element('span')) {
  const row = element('tr', {}, element('td', {}, swatch(), first));
  for (let k = 1; k < cells; k += 1) row.append(element('td'));
  return row;
}

export function fillCells(row, colour, texts) {
  const mark = row.querySelector('.swatch');
  mark.classList.remove('none');
  mark.style.backgroundColor = css(colour);
  setText(row.cells[0].lastChild, texts[0]);
  texts.slice(1).forEach((text, k) => setText(row.cells[k + 1], text));
}

/**
 * Show things as rows of a list. A row stays the same element in the same place for as long as its thing is there,
 * so that nothing jumps, and the keyboard's place in it is kept; when the thing is gone it lingers a while.
 *
 * keyOf tells things apart, make gives an empty row, and fill writes a thing into it.
 */
export function keepRows(list, things, {keyOf, make, fill, linger = false}) {
  const rows = list.rowsByKey ||= new Map();
  const now = performance.now();
  for (const thing of things) {
    const key = keyOf(thing);
    let row = rows.get(key);
    if (!row) {
      row = make(thing);
      rows.set(key, row);
      list.append(row);
    }
    row.seenAt = now;
    row.classList.remove('gone');
    fill(row, thing);
  }
  for (const [key, row] of rows) {
    if (row.seenAt === now) continue;
    row.classList.add('gone');
    if (!linger || now - row.seenAt > LINGER_MS) {
      row.remove();
      rows.delete(key);
    }
  }
}

export function forgetRows(list) {
  list.rowsByKey = new Map();
  list.replaceChildren();
}

const CLOCK = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const DAY = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

/** Say when a picture was taken, as people say times: on a clock, how long ago, or by the time of a simulation. */
export function timeOf(stampS, ageS) {
  if (stampS < 1e8) return `at ${stampS.toFixed(1)} s of its own time`;
  const taken = new Date(1000 * stampS);
  if (Math.abs(ageS) > 3600) return `taken on ${DAY.format(taken)}`;
  return `taken at ${CLOCK.format(taken)}${ageS >= 0.05 ? `, ${ageS < 10 ? ageS.toFixed(1) : Math.round(ageS)} s ago` : ''}`;
}
