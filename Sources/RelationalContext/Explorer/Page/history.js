'use strict';
// What was done, so that it can be undone; and a state as a line of text, for the address.

class UndoHistory {
  constructor(state) {
    this.past = [];
    this.present = state;
    this.future = [];
  }

  /**
   * A new present. Steps of one gesture (the same `gesture`, not nil) become one entry.
   */
  commit(state, gesture = null) {
    if (JSON.stringify(state) === JSON.stringify(this.present)) return;
    if (gesture === null || gesture !== this.gesture) this.past.push(this.present);
    if (this.past.length > 500) this.past.shift();
    this.present = state;
    this.future = [];
    this.gesture = gesture;
  }

  /** The next commit starts an entry of its own. */
  endGesture() {
    this.gesture = null;
  }

  undo() {
    return this.move(this.past, this.future);
  }

  redo() {
    return this.move(this.future, this.past);
  }

  move(from, to) {
    this.gesture = null;
    if (from.length === 0) return this.present;
    to.push(this.present);
    this.present = from.pop();
    return this.present;
  }
}

/** `{time: .5, blend: [.2, .3]}` as `time=0.5&blend=0.2,0.3`: what differs from `rest`, no more. */
function encodeState(state, rest) {
  return Object.keys(rest)
      .filter((key) => JSON.stringify(state[key]) !== JSON.stringify(rest[key]))
      .map((key) => `${key}=${[state[key]].flat(2).map(shortNumber).join(',')}`)
      .join('&');
}

/** The state that a text says; whatever it does not say, or says wrongly, is as in `rest`. */
function decodeState(text, rest) {
  const state = structuredClone(rest);
  for (const part of text.split('&')) {
    const [key, list = ''] = part.split('=');
    if (!Object.hasOwn(rest, key)) continue;
    const numbers = list.split(',').map((word) => (word.trim() === '' ? NaN : Number(word)));
    const expected = [rest[key]].flat(2).length;
    if (numbers.length !== expected || !numbers.every(Number.isFinite)) continue;
    state[key] = shaped(numbers, rest[key]);
  }
  return state;
}

function shaped(numbers, like) {
  if (!Array.isArray(like)) return numbers[0];
  if (!Array.isArray(like[0])) return numbers;
  const width = like[0].length;
  return like.map((_, i) => numbers.slice(i * width, (i + 1) * width));
}

function shortNumber(value) {
  return String(Number(value.toFixed(6)));
}
