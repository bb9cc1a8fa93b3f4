'use strict';
// Smooth surfaces: subdivision by Catmull and Clark (1978), open edges as cubic B-splines.
//
// The rules are linear and the faces never change, so each fine vertex is a fixed weighted sum of
// the coarse ones: found once, then applied to every shape that comes.

class Surface {
  /** @param limit how many fine faces are enough */
  constructor(vertexCount, faces, limit = 6000, most = 3) {
    let level = {faces, stencils: Array.from({length: vertexCount}, (_, i) => new Map([[i, 1]]))};
    this.levels = 0;
    while (this.levels < most && cornersOf(level.faces) <= limit) {
      level = subdivide(level);
      this.levels += 1;
    }
    this.coarse = vertexCount;
    this.faces = level.faces;
    this.count = level.stencils.length;
    this.pack(level.stencils);
    this.triangles = Uint32Array.from(triangulated(level.faces));
    this.rim = edgesOf(level.faces).filter((e) => e.faces.length === 1).map((e) => [e.a, e.b]);
    this.cageEdges = edgesOf(faces).map((e) => [e.a, e.b]);
  }

  pack(stencils) {
    const total = stencils.reduce((sum, s) => sum + s.size, 0);
    this.starts = new Uint32Array(stencils.length + 1);
    this.sources = new Uint32Array(total);
    this.weights = new Float64Array(total);
    let at = 0;
    stencils.forEach((stencil, i) => {
      for (const [source, weight] of stencil) {
        this.sources[at] = source;
        this.weights[at] = weight;
        at += 1;
      }
      this.starts[i + 1] = at;
    });
  }

  /** `width` numbers for each coarse vertex to as many for each fine one. */
  apply(values, width, out = new Float32Array(this.count * width)) {
    for (let i = 0; i < this.count; i += 1) {
      for (let d = 0; d < width; d += 1) {
        let sum = 0;
        for (let s = this.starts[i]; s < this.starts[i + 1]; s += 1) {
          sum += this.weights[s] * values[this.sources[s] * width + d];
        }
        out[i * width + d] = sum;
      }
    }
    return out;
  }
}

function cornersOf(faces) {
  return faces.reduce((sum, face) => sum + face.length, 0);
}

function triangulated(faces) {
  return faces.flatMap((f) => f.slice(2).flatMap((_, i) => [f[0], f[i + 1], f[i + 2]]));
}

/** The edges of faces, in order of first sight, with the faces at each. */
function edgesOf(faces) {
  const edges = new Map();
  faces.forEach((face, f) => {
    face.forEach((a, i) => {
      const b = face[(i + 1) % face.length];
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      if (!edges.has(key)) edges.set(key, {a, b, faces: []});
      edges.get(key).faces.push(f);
    });
  });
  return [...edges.values()];
}

function mix(parts) {
  const sum = new Map();
  for (const [stencil, weight] of parts) {
    for (const [source, w] of stencil) sum.set(source, (sum.get(source) ?? 0) + weight * w);
  }
  return sum;
}

/** One step: a point for every face and edge, and every vertex moved. */
function subdivide({faces, stencils}) {
  const edges = edgesOf(faces);
  const facePoints = faces.map((face) => mix(face.map((v) => [stencils[v], 1 / face.length])));
  const edgePoints = edges.map(
      ({a, b, faces: at}) => at.length === 2 ? mix([
        [stencils[a], 1 / 4], [stencils[b], 1 / 4], ...at.map((f) => [facePoints[f], 1 / 4])
      ]) :
                                               mix([[stencils[a], 1 / 2], [stencils[b], 1 / 2]]),
  );
  const around = stencils.map(() => ({edges: [], faces: []}));
  edges.forEach((e) => [e.a, e.b].forEach((v) => around[v].edges.push(e)));
  faces.forEach((face, f) => face.forEach((v) => around[v].faces.push(f)));
  const moved = stencils.map((stencil, v) => {
    const n = around[v].edges.length;
    const rim = around[v].edges.filter((e) => e.faces.length !== 2);
    const other = (e) => stencils[e.a === v ? e.b : e.a];
    if (n === 0) return stencil;
    if (rim.length > 0) {
      if (rim.length !== 2) return stencil;
      return mix([[stencil, 3 / 4], ...rim.map((e) => [other(e), 1 / 8])]);
    }
    return mix([
      [stencil, (n - 2) / n],
      ...around[v].edges.map((e) => [other(e), 1 / (n * n)]),
      ...around[v].faces.map((f) => [facePoints[f], 1 / (n * n)]),
    ]);
  });
  const edgeAt = new Map();
  edges.forEach(({a, b}, e) => edgeAt.set(`${a} ${b}`, e).set(`${b} ${a}`, e));
  const firstFace = stencils.length;
  const firstEdge = firstFace + faces.length;
  const finer = faces.flatMap(
      (face, f) => face.map((v, i) => {
        const next = face[(i + 1) % face.length];
        const before = face[(i + face.length - 1) % face.length];
        const edge = (w) => firstEdge + edgeAt.get(`${v} ${w}`);
        return [v, edge(next), firstFace + f, edge(before)];
      }),
  );
  return {faces: finer, stencils: [...moved, ...facePoints, ...edgePoints]};
}

/** Unit normals of vertices: the faces' area vectors, summed. */
function normalsOf(positions, triangles, out = new Float32Array(positions.length)) {
  out.fill(0);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    for (const v of [a, b, c]) {
      out[v] += nx;
      out[v + 1] += ny;
      out[v + 2] += nz;
    }
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.hypot(out[i], out[i + 1], out[i + 2]);
    if (length > 0) {
      out[i] /= length;
      out[i + 1] /= length;
      out[i + 2] /= length;
    } else {
      out[i + 2] = 1;
    }
  }
  return out;
}
