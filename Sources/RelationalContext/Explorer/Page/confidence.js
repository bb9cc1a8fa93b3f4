'use strict';
// How sure the model is of a shape: the distance between the shape and what comes back when it is
// read by the relational network and made anew by the generative one.

class Confidence {
  constructor(content, space) {
    this.content = content;
    this.space = space;
    // The templates' own distance, the root mean square over all their numbers.
    const own = content.templates.map((t) => t.vertices.map((rows) => this.squared(rows)));
    const all = own.flat();
    this.templates = Math.sqrt(all.reduce((a, b) => a + b, 0) / all.length);
    const [low, high] =
        content.templates.flatMap((t) => t.vertices.flat())
            .reduce(
                ([l, h], row) => [Math.min(l, ...row), Math.max(h, ...row)], [Infinity, -Infinity]);
    this.isPoor = !(this.templates < 0.05 * (high - low));
  }

  /** Mean squared difference over the numbers of one row. */
  rowSquared(row) {
    const {relational, generative} = this.content;
    const again = generative.evaluate(relational.evaluate(row));
    let sum = 0;
    for (let i = 0; i < row.length; i += 1) sum += (again[i] - row[i]) ** 2;
    return sum / row.length;
  }

  squared(rows) {
    return rows.reduce((sum, row) => sum + this.rowSquared(row), 0) / rows.length;
  }

  /** Root mean square of G(R(s)) - s over all coordinates, in the networks' coordinates. */
  distance(rows) {
    return Math.sqrt(this.squared(rows));
  }

  /** How many times the templates' own distance. */
  ratio(distance) {
    return distance / Math.max(this.templates, 1e-6);
  }

  /** 1 where as sure as of the templates, falling to 0 at thirty times their distance. */
  glow(distance) {
    const ratio = this.ratio(distance);
    if (this.isPoor) return 0;
    return Number.isFinite(ratio) ?
        Math.min(Math.max(1 - Math.log(ratio / 1.5) / Math.log(20), 0), 1) :
        0;
  }

  word(distance) {
    const ratio = this.ratio(distance);
    if (!Number.isFinite(ratio)) return 'lost';
    if (this.isPoor) return 'unsure, even of the templates';
    if (ratio <= 1.5) return 'sure, as of the templates';
    if (ratio <= 4) return 'fairly sure';
    if (ratio <= 12) return 'unsure';
    return 'guessing';
  }

  /** Where the path lies, in words. */
  place(points) {
    const {templates} = this.content;
    const weights = this.space.position(points);
    if (this.space.templatesAgree(points[0][0])) return 'where all templates are the same';
    const all = [1 - weights.reduce((a, b) => a + b, 0), ...weights];
    const most = all.indexOf(Math.max(...all));
    const least = Math.min(...all);
    if (all[most] > 1.05 || least < -0.05) {
      return all[most] > 1.05 ? `beyond ${templates[most].name}` : 'beyond the templates';
    }
    if (all[most] > 0.95) return `on ${templates[most].name}`;
    const names = all.map((w, n) => [w, templates[n].name]).filter(([w]) => w > 0.05);
    if (names.length > 2) return 'between the templates';
    return `between ${names.map(([, name]) => name).join(' and ')}`;
  }
}
