'use strict';
// Design space: every row of a shape is a point (time, morphology, context...), and a state of the
// page says where those points lie.
//
// State = { time, blend[N - 1], normal, reach, slide, push[K], axis,
//           scale[3], shift[3], turn[3], handles[row][K] }
// in this order: the templates' traces at `time` are mixed by `blend` (the weights of templates 2
// to N; the first has what is left of 1) and pushed; the path moves along its normal; its
// morphologies are stretched and slid; an affine map turns, scales and shifts (time, morphology,
// context `axis`) about the path's middle; the handles are added last, so that a handle goes where
// it is dragged.

/** At the frame nearest to seven tenths of the way, where shapes have parted. */
function restingState(content) {
  const {times} = content;
  const wanted = times[0] + 0.7 * (times[times.length - 1] - times[0]);
  const off = (time) => Math.abs(time - wanted);
  return {
    time: times.reduce((nearest, time) => (off(time) < off(nearest) ? time : nearest)),
    blend: content.templates.slice(1).map(() => 1 / content.templates.length),
    normal: 0,
    reach: 1,
    slide: 0,
    push: new Array(content.contexts).fill(0),
    axis: 0,
    scale: [1, 1, 1],
    shift: [0, 0, 0],
    turn: [0, 0, 0],
    handles: Array.from({length: content.rows}, () => new Array(content.contexts).fill(0)),
  };
}

/** Cubic interpolation through frames at rising times (Catmull and Rom, for uneven knots). */
function frameWeights(times, time) {
  const last = times.length - 1;
  if (last === 0) return [[0, 1]];
  let i = 0;
  while (i < last - 1 && time > times[i + 1]) i += 1;
  const h = times[i + 1] - times[i];
  const u = Math.min(Math.max((time - times[i]) / h, -0.5), 1.5);
  const weights = new Map();
  const add = (frame, weight) => weights.set(frame, (weights.get(frame) ?? 0) + weight);
  const slope = (frame, weight) => {
    const before = Math.max(frame - 1, 0);
    const after = Math.min(frame + 1, last);
    const rate = (weight * h) / (times[after] - times[before]);
    add(after, rate);
    add(before, -rate);
  };
  add(i, 1 - u * u * (3 - 2 * u));
  add(i + 1, u * u * (3 - 2 * u));
  slope(i, u * (1 - u) * (1 - u));
  slope(i + 1, u * u * (u - 1));
  return [...weights];
}

class DesignSpace {
  constructor(content) {
    this.content = content;
    this.cache = new Map();
    this.range = this.contextRanges();
  }

  /**
   * Template `n`'s rows at any time: its own at a frame's; between frames its network's, when one
   * came along, or interpolated.
   */
  templateRows(n, time) {
    const {model, vertices} = this.content.templates[n];
    if (model && !this.content.times.includes(time)) {
      return this.content.morphologies.map((m) => Float64Array.from(model.evaluate([time, m])));
    }
    const weights = frameWeights(this.content.times, time);
    return vertices[0].map((row, r) => {
      const mixed = new Float64Array(row.length);
      for (const [frame, weight] of weights) {
        vertices[frame][r].forEach((value, i) => (mixed[i] += weight * value));
      }
      return mixed;
    });
  }

  /** Every template's context at `time`: what the relational network reads off its rows. */
  traces(time) {
    const known = this.cache.get(time);
    if (known) return known;
    const traces = this.content.templates.map((template, n) => {
      const frame = this.content.times.indexOf(time);
      if (frame >= 0) return template.traces[frame].map((row) => Array.from(row));
      return this.templateRows(n, time).map(
          (row) => Array.from(this.content.relational.evaluate(row).subarray(2)),
      );
    });
    if (this.cache.size > 400) this.cache.clear();
    this.cache.set(time, traces);
    return traces;
  }

  /** The least and greatest context that any template has, for each number. */
  contextRanges() {
    return Array.from({length: this.content.contexts}, (_, k) => {
      const values = this.content.templates.flatMap((t) => t.traces.flat().map((row) => row[k]));
      const low = Math.min(...values);
      const high = Math.max(...values);
      return high > low ? [low, high] : [low - 0.5, high + 0.5];
    });
  }

  /** The design point of every row: [time, morphology, context...]. */
  points(state) {
    const traces = this.traces(state.time);
    const weights = [1 - state.blend.reduce((a, b) => a + b, 0), ...state.blend];
    const context = (row, k) =>
        traces.reduce((sum, trace, n) => sum + weights[n] * trace[row][k], state.push[k]);
    let points = this.content.morphologies.map((morphology, row) => {
      return [state.time, morphology, ...state.push.map((_, k) => context(row, k))];
    });
    if (state.normal !== 0) points = this.alongNormal(points, state, traces);
    const base = this.content.morphologies[0];
    for (const point of points) point[1] = base + state.slide + state.reach * (point[1] - base);
    points = affine(points, state);
    points.forEach((point, r) => state.handles[r].forEach((h, k) => (point[2 + k] += h)));
    return points;
  }

  /**
   * The path moved along its normal by `normal` gaps, in the plane of morphology and context: by
   * that share of the gap, without what of it runs along the path. Where the templates meet, it
   * stays. At a whole blend this is the command line's `--beyond`, which leads away from the first
   * template, or, below 0, that of the first away from the other.
   */
  alongNormal(points, {normal, blend}, traces) {
    return points.map((point, r) => {
      const gap = [0, ...this.gap(traces.map((trace) => trace[r]), blend)];
      const before = points[Math.max(r - 1, 0)].slice(1);
      const after = points[Math.min(r + 1, points.length - 1)].slice(1);
      const tangent = after.map((a, i) => a - before[i]);
      const along = dot(gap, tangent) / (dot(tangent, tangent) || 1);
      const moved = point.slice(1).map((p, i) => p + normal * (gap[i] - along * tangent[i]));
      return [point[0], ...moved];
    });
  }

  /**
   * The way from the first template's context to those of the others: at a whole blend to that one,
   * at the first template to their mean, and without a jump between.
   */
  gap([first, ...others], blend) {
    const rest = 1 - blend.reduce((a, b) => a + b, 0);
    const weights = blend.map((b) => b * b + (rest * rest) / blend.length);
    const sum = weights.reduce((a, b) => a + b, 0);
    return first.map(
        (from, k) =>
            others.reduce((way, other, n) => way + (weights[n] / sum) * (other[k] - from), 0));
  }

  /** The rows that the generative network makes of design points. */
  shape(points) {
    return points.map((point) => Float64Array.from(this.content.generative.evaluate(point)));
  }

  /** Rows as vertices x, y, z after each other, in the file's coordinates. */
  vertices(rows) {
    const {columns, scale, offset} = this.content;
    const out = new Float64Array(rows.length * columns * 3);
    rows.forEach((row, r) => {
      for (let c = 0; c < columns; c += 1) {
        for (let d = 0; d < 3; d += 1) {
          out[3 * (r * columns + c) + d] = offset[d] + scale * row[d * columns + c];
        }
      }
    });
    return out;
  }

  /**
   * Where a path lies between the templates: the weights of templates 2 to N that meet it best, by
   * least squares over all rows with a slight pull to 0 where the templates are the same.
   */
  position(points) {
    const traces = this.traces(points.reduce((sum, p) => sum + p[0], 0) / points.length);
    const count = traces.length - 1;
    const gram = Array.from({length: count}, () => new Array(count).fill(0));
    const right = new Array(count).fill(0);
    points.forEach((point, r) => {
      for (let k = 0; k < this.content.contexts; k += 1) {
        const gaps = traces.slice(1).map((t) => t[r][k] - traces[0][r][k]);
        const off = point[2 + k] - traces[0][r][k];
        gaps.forEach((g, i) => {
          right[i] += g * off;
          gaps.forEach((h, j) => (gram[i][j] += g * h));
        });
      }
    });
    const spread = Math.max(...this.range.map(([low, high]) => high - low));
    gram.forEach((row, i) => (row[i] += 1e-9 * spread * spread));
    return solve(gram, right);
  }

  /**
   * Whether the templates' shapes at `time` lie within a hundredth of their length of each other.
   */
  templatesAgree(time) {
    const shapes =
        this.content.templates.map((_, n) => this.templateRows(n, time).map((r) => [...r]));
    const [first, ...others] = shapes.map((rows) => rows.flat());
    const extent = Math.max(...first) - Math.min(...first);
    return others.every(
        (other) => Math.max(...other.map((value, i) => Math.abs(value - first[i]))) < 0.01 * extent,
    );
  }
}

function affine(points, {scale, shift, turn, axis}) {
  const axes = [0, 1, 2 + axis];
  const middle = axes.map((a) => points.reduce((sum, p) => sum + p[a], 0) / points.length);
  const planes = [[0, 1], [0, 2], [1, 2]];
  return points.map((point) => {
    const p = axes.map((a, i) => point[a] - middle[i]);
    planes.forEach(([i, j], n) => {
      const [c, s] = [Math.cos(turn[n]), Math.sin(turn[n])];
      [p[i], p[j]] = [c * p[i] - s * p[j], s * p[i] + c * p[j]];
    });
    const moved = point.slice();
    axes.forEach((a, i) => (moved[a] = middle[i] + scale[i] * p[i] + shift[i]));
    return moved;
  });
}

function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector.map((_, i) => (i ? 0 : 1));
}

/** Solves a small symmetric positive system by elimination. */
function solve(matrix, right) {
  const a = matrix.map((row, i) => [...row, right[i]]);
  const n = right.length;
  for (let i = 0; i < n; i += 1) {
    let pivot = i;
    for (let j = i + 1; j < n; j += 1)
      if (Math.abs(a[j][i]) > Math.abs(a[pivot][i])) pivot = j;
    [a[i], a[pivot]] = [a[pivot], a[i]];
    for (let j = i + 1; j < n; j += 1) {
      const factor = a[j][i] / a[i][i];
      for (let k = i; k <= n; k += 1) a[j][k] -= factor * a[i][k];
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = i + 1; j < n; j += 1) a[i][n] -= a[i][j] * a[j][n];
    a[i][n] /= a[i][i];
  }
  return a.map((row) => row[n]);
}
