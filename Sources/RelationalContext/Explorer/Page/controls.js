'use strict';
// Sliders with a field beside them for exact numbers.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true)
      made.setAttribute(name, '');
    else if (value !== false && value !== undefined)
      made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/**
 * A slider. `moved(value, done)` hears of every change; `done` at the end of a drag or key.
 *
 * @param marks [[value, text]]: places under the track with a name
 */
class Slider {
  constructor({id, label, hint = '', range: [low, high], step = 0.001, marks = [], moved}) {
    this.range = element('input', {type: 'range', id, min: low, max: high, step});
    this.field =
        element('input', {type: 'number', step: 'any', 'aria-label': `${label}, as a number`});
    const title = element('label', { for: id
    }, label, ' ');
    if (hint) title.append(element('span', {class: 'hint'}, hint));
    const track = element('div', {class: 'track'}, this.range);
    if (marks.length > 0) track.append(this.marks(marks, low, high));
    this.element = element('div', {class: 'slider'}, title, this.field, track);
    this.digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(step) - 1e-9)));
    this.range.addEventListener('input', () => moved(this.range.valueAsNumber, false));
    this.range.addEventListener('change', () => moved(this.range.valueAsNumber, true));
    this.field.addEventListener('change', () => {
      const value = this.field.valueAsNumber;
      if (Number.isFinite(value))
        moved(value, true);
      else
        this.show(this.shown);
    });
  }

  marks(marks, low, high) {
    const spans = marks.map(([value, text]) => {
      const left = `${(100 * (value - low)) / (high - low)}%`;
      return element('span', {style: `left: ${left}`, title: text}, text);
    });
    return element('div', {class: 'marks', 'aria-hidden': 'true'}, ...spans);
  }

  show(value, spoken) {
    this.shown = value;
    if (Math.abs(this.range.valueAsNumber - value) > 1e-9) this.range.value = value;
    this.range.setAttribute('aria-valuetext', spoken ?? value.toFixed(this.digits));
    if (document.activeElement !== this.field || Number(this.field.value) !== value) {
      this.field.value = Number(value.toFixed(this.digits));
    }
  }
}

/** Slow work in slices, so that the hand never waits: the latest work of a name wins. */
class Background {
  constructor() {
    this.work = new Map();
    this.waiting = false;
  }

  /** Runs a generator from its start, in place of an earlier one with this name. */
  start(name, generator) {
    this.work.delete(name);
    this.work.set(name, generator);
    this.wait();
  }

  wait() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      const until = performance.now() + 7;
      for (const [name, generator] of this.work) {
        while (performance.now() < until) {
          if (!generator.next().done) continue;
          if (this.work.get(name) === generator) this.work.delete(name);
          break;
        }
      }
      if (this.work.size > 0) this.wait();
    }, 0);
  }
}
