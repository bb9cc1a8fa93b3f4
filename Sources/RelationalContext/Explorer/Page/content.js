'use strict';
// What the page carries: a run's networks, templates and maps, as written by ExplorerPage.swift.
//
// Content = { name, provenance, rows, columns, faces, smoothedFaces, mapNames, times, morphologies,
//             contexts, scale, offset, center, up, generative, relational,
//             templates: [{ name, color, vertices[time][row], traces[time][row], model }] }
// A row of a shape is `columns` x's, then as many y's, then z's, in the networks' own coordinates;
// a point in the file's coordinates is offset + scale * point. Petals are repeated about `center`.

/** Little-endian 32-bit numbers written as base64. */
function decodeNumbers(text) {
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({length: bytes.length / 4}, (_, i) => view.getFloat32(4 * i, true));
}

/** A flat list as a list of `count` equal windows on it. */
function windows(numbers, count) {
  const size = numbers.length / count;
  return Array.from({length: count}, (_, i) => numbers.subarray(i * size, (i + 1) * size));
}

function decodeContent(json) {
  const {rows, columns, times, contexts} = json;
  const smoothedFaces = json.smoothedFaces ?? json.faces;
  const network = (found) => found && new Network(found);
  const frames = (text) => windows(decodeNumbers(text), times.length).map((f) => windows(f, rows));
  return {
    ...json,
    smoothedFaces,
    isGrid: isGrid(smoothedFaces, rows, columns),
    generative: network(json.generative),
    relational: network(json.relational),
    templates: json.templates.map((template) => ({
                                    ...template,
                                    vertices: frames(template.vertices),
                                    traces: frames(template.traces),
                                    model: network(template.model),
                                  })),
    inputs: 2 + contexts,
  };
}

/** Whether the faces are the quads of a grid, in whatever order, so that a petal can have veins. */
function isGrid(faces, rows, columns) {
  const name = (corners) => corners.sort((a, b) => a - b).join(' ');
  const wanted = new Set();
  for (let r = 0; r + 1 < rows; r += 1) {
    for (let c = 0; c + 1 < columns; c += 1) {
      const a = r * columns + c;
      wanted.add(name([a, a + 1, a + columns, a + columns + 1]));
    }
  }
  return faces.length === wanted.size && faces.every((face) => wanted.has(name([...face])));
}
