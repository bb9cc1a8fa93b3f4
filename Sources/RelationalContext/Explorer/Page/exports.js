'use strict';
// Files made in the page: Wavefront OBJ, glTF 2.0 in its binary form, and paths as CSV.

/** Positions with y up: glTF demands it, and programs expect it of OBJ. */
function upright(positions, up) {
  const out = Float64Array.from(positions);
  if (up === 'y') return out;
  for (let p = 0; p < out.length; p += 3) {
    [out[p + 1], out[p + 2]] = [positions[p + 2], 0 - positions[p + 1]];
  }
  return out;
}

/** Positions turned by `angle` about the upright line through `center`; y is up. */
function rotated(positions, center, angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const out = Float64Array.from(positions);
  for (let p = 0; p < out.length; p += 3) {
    const [z, x] = [positions[p + 2] - center[2], positions[p] - center[0]];
    out[p + 2] = center[2] + c * z - s * x;
    out[p] = center[0] + s * z + c * x;
  }
  return out;
}

/** Objects of one file, each { name, positions, faces }; faces keep their corners. */
function writeOBJ(title, objects) {
  const lines = [`# ${title.replace(/[\r\n]+/g, ' ')}`];
  let first = 1;
  for (const {name, positions, faces} of objects) {
    lines.push(`o ${name.replace(/\s+/g, '_')}`);
    for (let p = 0; p < positions.length; p += 3) {
      lines.push(`v ${[0, 1, 2].map((d) => shortNumber(positions[p + d])).join(' ')}`);
    }
    for (const face of faces) lines.push(`f ${face.map((v) => v + first).join(' ')}`);
    first += positions.length / 3;
  }
  return `${lines.join('\n')}\n`;
}

/** Points of design space as `atelier grc export --path` reads them: a line for each row. */
function writePath(mapNames, points) {
  const count = points[0].length - 2;
  const contexts =
      Array.from({length: count}, (_, k) => (count > 1 ? `context ${k + 1}` : 'context'));
  const field = (word) => (/[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);
  const lines = [['shape', ...mapNames, ...contexts].map(field), ...points.map((p) => [1, ...p])];
  return `${lines.map((line) => line.join(',')).join('\n')}\n`;
}

const gltfFloat = 5126;
const gltfUnsignedInt = 5125;

/** The buffer of a glTF file, and the views and accessors on it. */
class BinaryBuffer {
  constructor() {
    this.parts = [];
    this.length = 0;
    this.views = [];
    this.accessors = [];
  }

  /** Adds numbers, `width` to an element; answers the accessor's index. */
  add(numbers, width, {target, bounds = false} = {}) {
    const isIndex = numbers instanceof Uint32Array;
    const array = isIndex ? numbers : Float32Array.from(numbers);
    const view = {buffer: 0, byteOffset: this.length, byteLength: array.byteLength};
    if (target) view.target = target;
    this.views.push(view);
    this.parts.push(array);
    this.length += array.byteLength;
    const accessor = {
      bufferView: this.views.length - 1,
      componentType: isIndex ? gltfUnsignedInt : gltfFloat,
      count: array.length / width,
      type: {1: 'SCALAR', 3: 'VEC3', 4: 'VEC4'}[width],
    };
    if (bounds) {
      const column = (d) => array.filter((_, i) => i % width === d);
      const fold = (pick) =>
          Array.from({length: width}, (_, d) => column(d).reduce((a, b) => pick(a, b)));
      accessor.min = fold(Math.min);
      accessor.max = fold(Math.max);
    }
    this.accessors.push(accessor);
    return this.accessors.length - 1;
  }
}

/**
 * One mesh with y up, drawn once for each of `angles` about the upright line through `center`.
 *
 * @param frames [{ positions, normals }]: the first is the mesh, the others its morph targets
 * @param seconds how long an animation through the frames lasts; 0 for none
 */
function writeGLB({name, frames, triangles, colors, center, angles, seconds, extras}) {
  const buffer = new BinaryBuffer();
  const vertices = {target: 34962};
  const [base, ...later] = frames;
  const attributes = {
    POSITION: buffer.add(base.positions, 3, {...vertices, bounds: true}),
    NORMAL: buffer.add(base.normals, 3, vertices),
    COLOR_0: buffer.add(colors, 3, vertices),
  };
  const indices = buffer.add(triangles, 1, {target: 34963});
  const minus = (a, b) => Float32Array.from(a, (value, i) => value - b[i]);
  const targets = later.map(
      ({positions, normals}) => ({
        POSITION: buffer.add(minus(positions, base.positions), 3, {...vertices, bounds: true}),
        NORMAL: buffer.add(minus(normals, base.normals), 3, vertices),
      }));
  const primitive = {attributes, indices, material: 0, mode: 4};
  const mesh = {name, primitives: [primitive]};
  if (targets.length > 0) {
    primitive.targets = targets;
    mesh.weights = targets.map(() => 0);
  }
  const petals = angles.map((angle, i) => ({
                              name: angles.length > 1 ? `${name} ${i + 1}` : name,
                              mesh: 0,
                              ...about(center, angle),
                            }));
  const root = {name: 'shape', children: petals.map((_, i) => i + 1)};
  const json = {
    asset: {version: '2.0', generator: 'Atelier', extras},
    scene: 0,
    scenes: [{nodes: [0]}],
    nodes: [root, ...petals],
    meshes: [mesh],
    materials: [
      {
        name: 'petal',
        doubleSided: true,
        pbrMetallicRoughness: {metallicFactor: 0, roughnessFactor: 0.75},
      },
    ],
  };
  if (targets.length > 0 && seconds > 0) {
    json.animations = [openingAnimation(buffer, targets.length, seconds, petals.length)];
  }
  return container(json, buffer);
}

/** The node's turn and move for a rotation by `angle` about the upright line through `center`. */
function about(center, angle) {
  if (angle === 0) return {};
  const moved = rotated(center, [0, 0, 0], angle);
  return {
    rotation: [0, Math.sin(angle / 2), 0, Math.cos(angle / 2)],
    translation: Array.from(center, (c, d) => c - moved[d]),
  };
}

/** Each frame's weight rises to 1 at its moment and falls to 0 at the next. */
function openingAnimation(buffer, targets, seconds, nodes) {
  const count = targets + 1;
  const moments = Array.from({length: count}, (_, i) => (seconds * i) / targets);
  const weights = moments.flatMap(
      (_, i) => Array.from({length: targets}, (_, j) => (j + 1 === i ? 1 : 0)),
  );
  const input = buffer.add(moments, 1, {bounds: true});
  const output = buffer.add(weights, 1);
  return {
    name: 'opening',
    samplers: [{input, output, interpolation: 'LINEAR'}],
    channels: Array.from({length: nodes}, (_, i) => ({
                                            sampler: 0,
                                            target: {node: i + 1, path: 'weights'},
                                          })),
  };
}

/** A glTF document and its buffer in one file: header, then both, padded to four bytes. */
function container(json, buffer) {
  json.bufferViews = buffer.views;
  json.accessors = buffer.accessors;
  json.buffers = [{byteLength: buffer.length}];
  const text = new TextEncoder().encode(JSON.stringify(json));
  const padded = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(12 + 8 + padded + 8 + buffer.length);
  const view = new DataView(bytes.buffer);
  const word = (at, value) => view.setUint32(at, value, true);
  word(0, 0x46546c67);
  word(4, 2);
  word(8, bytes.length);
  word(12, padded);
  word(16, 0x4e4f534a);
  bytes.fill(0x20, 20, 20 + padded);
  bytes.set(text, 20);
  word(20 + padded, buffer.length);
  word(24 + padded, 0x004e4942);
  let at = 28 + padded;
  for (const part of buffer.parts) {
    for (const value of part) {
      if (part instanceof Uint32Array)
        view.setUint32(at, value, true);
      else
        view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}
