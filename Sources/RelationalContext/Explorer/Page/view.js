'use strict';
// Draws a scene with WebGL2: the shape, soft shadows, the control cage, the templates as ghosts.
//
// Scene = { positions, normals, cage, ghosts: [{ positions, normals, color }], angles, camera,
// frame,
//           ground, axis, palette: [base, middle, tip], veins, showCage, ink, dark }
// with colours as linear red, green and blue, and positions as Stage places them.

class GraphicsView {
  /** @throws an Error where there is no WebGL2 */
  constructor(canvas, surface, places) {
    const gl =
        canvas.getContext('webgl2', {antialias: true, alpha: true, premultipliedAlpha: true});
    if (!gl) throw new Error('no WebGL2');
    this.gl = gl;
    this.canvas = canvas;
    this.surface = surface;
    this.programs = {
      surface: new Program(gl, surfaceVertexShader, surfaceFragmentShader),
      depth: new Program(gl, depthVertexShader, depthFragmentShader),
      cover: new Program(gl, coverVertexShader, coverFragmentShader),
      blur: new Program(gl, screenVertexShader, blurFragmentShader),
      ground: new Program(gl, groundVertexShader, groundFragmentShader),
      line: new Program(gl, lineVertexShader, lineFragmentShader),
    };
    this.places = staticBuffer(gl, gl.ARRAY_BUFFER, places);
    this.triangles = staticBuffer(gl, gl.ELEMENT_ARRAY_BUFFER, surface.triangles);
    this.rim = staticBuffer(gl, gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(surface.rim.flat()));
    this.cageEdges =
        staticBuffer(gl, gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(surface.cageEdges.flat()));
    this.positions = gl.createBuffer();
    this.normals = gl.createBuffer();
    this.empty = gl.createVertexArray();
    this.shadow = depthTarget(gl, 1024);
    this.cover = [colorTarget(gl, 256), colorTarget(gl, 256)];
  }

  draw(scene) {
    const {gl} = this;
    const {canvas} = this;
    const {center, radius} = scene.frame;
    const seen = scene.camera.see(center, radius, canvas.width / canvas.height);
    const sun = sunFor(scene.camera);
    const shared = {
      camera: seen.matrix,
      light: parallel(center, radius * 1.3, sun),
      eye: seen.eye,
      sun,
      square: [center[0] - sun[0] * radius * 0.4, center[1] - sun[1] * radius * 0.4, radius * 2.2],
      ground: scene.ground,
    };
    const models = scene.angles.map((angle) => turnedAbout(scene.axis, angle));
    this.upload(scene.positions, scene.normals);
    gl.enable(gl.DEPTH_TEST);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.drawShadows(shared, models, radius);

    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (seen.eye[2] > scene.ground) this.drawGround(shared, scene.dark);
    this.drawShape(shared, models, scene);
    if (scene.showCage) this.drawCage(shared, scene);
    scene.ghosts.forEach((ghost) => this.drawGhost(shared, ghost));
  }

  upload(positions, normals) {
    const {gl} = this;
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferData(gl.ARRAY_BUFFER, positions, gl.DYNAMIC_DRAW);
    this.attribute(0, 3);
    if (!normals) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.normals);
    gl.bufferData(gl.ARRAY_BUFFER, normals, gl.DYNAMIC_DRAW);
    this.attribute(1, 3);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.places);
    this.attribute(2, 2);
  }

  attribute(location, width) {
    const {gl} = this;
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, width, gl.FLOAT, false, 0, 0);
  }

  elements(buffer, mode, count) {
    const {gl} = this;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
    gl.drawElements(mode, count, gl.UNSIGNED_INT, 0);
  }

  drawTriangles() {
    this.elements(this.triangles, this.gl.TRIANGLES, this.surface.triangles.length);
  }

  /** Depths as the sun sees them, and what it leaves dark on the ground, blurred. */
  drawShadows(shared, models, radius) {
    const {gl} = this;
    gl.disable(gl.BLEND);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.shadow.framebuffer);
    gl.viewport(0, 0, this.shadow.size, this.shadow.size);
    gl.clear(gl.DEPTH_BUFFER_BIT);
    for (const model of models) {
      this.programs.depth.use({light: shared.light, model});
      this.drawTriangles();
    }
    const [first, second] = this.cover;
    gl.disable(gl.DEPTH_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.enable(gl.BLEND);
    gl.blendEquation(gl.MAX);
    gl.bindFramebuffer(gl.FRAMEBUFFER, first.framebuffer);
    gl.viewport(0, 0, first.size, first.size);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const model of models) {
      this.programs.cover.use({...shared, model, fade: radius});
      this.drawTriangles();
    }
    gl.blendEquation(gl.FUNC_ADD);
    gl.disable(gl.BLEND);
    gl.bindVertexArray(this.empty);
    const passes = [[first, second, [1, 0]], [second, first, [0, 1]]];
    for (const [from, to, way] of passes) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, to.framebuffer);
      gl.bindTexture(gl.TEXTURE_2D, from.texture);
      this.programs.blur.use({step: way.map((w) => w / from.size)});
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
    gl.bindVertexArray(null);
    gl.enable(gl.DEPTH_TEST);
  }

  drawGround(shared, dark) {
    const {gl} = this;
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    gl.bindVertexArray(this.empty);
    gl.bindTexture(gl.TEXTURE_2D, this.cover[0].texture);
    this.programs.ground.use({...shared, tint: dark ? [0, 0, 0, 0.6] : [0.24, 0.16, 0.12, 0.3]});
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindVertexArray(null);
    gl.depthMask(true);
    gl.disable(gl.BLEND);
  }

  drawShape(shared, models, {palette, veins, dark}) {
    this.gl.bindTexture(this.gl.TEXTURE_2D, this.shadow.texture);
    const [base, middle, tip] = palette;
    for (const model of models) {
      this.programs.surface.use({
        ...shared,
        model,
        base,
        middle,
        tip,
        veins,
        dim: dark ? 0.9 : 1,
        opacity: 1,
        ghost: tip
      });
      this.drawTriangles();
    }
  }

  drawCage(shared, {cage, axis, angles, ink}) {
    const {gl} = this;
    this.upload(cage, null);
    gl.disableVertexAttribArray(1);
    gl.disableVertexAttribArray(2);
    gl.enable(gl.BLEND);
    const model = turnedAbout(axis, angles[0]);
    this.programs.line.use({...shared, model, tint: [...ink, 0.5], round: 0, size: 1});
    this.elements(this.cageEdges, gl.LINES, 2 * this.surface.cageEdges.length);
    const size = 6 * Math.min(window.devicePixelRatio || 1, 2);
    this.programs.line.use({...shared, model, tint: [...ink, 0.9], round: 1, size});
    gl.drawArrays(gl.POINTS, 0, cage.length / 3);
    gl.disable(gl.BLEND);
  }

  drawGhost(shared, {positions, normals, color, line}) {
    const {gl} = this;
    this.upload(positions, normals);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    const model = turnedAbout([0, 0, 0], 0);
    this.gl.bindTexture(gl.TEXTURE_2D, this.shadow.texture);
    this.programs.surface.use({
      ...shared,
      model,
      base: color,
      middle: color,
      tip: color,
      veins: 0,
      dim: 1,
      opacity: 0.3,
      ghost: color
    });
    this.drawTriangles();
    this.programs.line.use({...shared, model, tint: [...line, 0.8], round: 0, size: 1});
    this.elements(this.rim, gl.LINES, 2 * this.surface.rim.length);
    gl.depthMask(true);
    gl.disable(gl.BLEND);
  }
}

/** The sun stays over the viewer's left shoulder, so that it is the shape that seems to turn. */
function sunFor(camera) {
  const angle = camera.azimuth - 0.9;
  return unit([Math.cos(angle) * 0.62, Math.sin(angle) * 0.62, 0.9]);
}

class Program {
  constructor(gl, vertex, fragment) {
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        throw new Error(gl.getShaderInfoLog(shader) ?? 'a shader did not compile');
      }
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) {
      throw new Error(gl.getProgramInfoLog(this.program) ?? 'a program did not link');
    }
    const count = gl.getProgramParameter(this.program, gl.ACTIVE_UNIFORMS);
    this.uniforms = Array.from({length: count}, (_, i) => {
      const {name, type} = gl.getActiveUniform(this.program, i);
      return {name, type, location: gl.getUniformLocation(this.program, name)};
    });
  }

  /** Makes it current with the values that it knows by name; samplers keep unit 0. */
  use(values) {
    const {gl} = this;
    gl.useProgram(this.program);
    for (const {name, type, location} of this.uniforms) {
      const value = values[name];
      if (value === undefined) continue;
      if (type === gl.FLOAT_MAT4)
        gl.uniformMatrix4fv(location, false, value);
      else if (type === gl.FLOAT_VEC4)
        gl.uniform4fv(location, value);
      else if (type === gl.FLOAT_VEC3)
        gl.uniform3fv(location, value);
      else if (type === gl.FLOAT_VEC2)
        gl.uniform2fv(location, value);
      else if (type === gl.BOOL)
        gl.uniform1i(location, value);
      else
        gl.uniform1f(location, value);
    }
  }
}

function staticBuffer(gl, target, data) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(target, buffer);
  gl.bufferData(target, data, gl.STATIC_DRAW);
  return buffer;
}

function target(gl, size, format, attachment, parameters) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, size, size);
  for (const [name, value] of parameters) gl.texParameteri(gl.TEXTURE_2D, name, value);
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, attachment, gl.TEXTURE_2D, texture, 0);
  return {texture, framebuffer, size};
}

function smoothAndClamped(gl) {
  return [
    [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
    [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ];
}

function depthTarget(gl, size) {
  return target(gl, size, gl.DEPTH_COMPONENT24, gl.DEPTH_ATTACHMENT, [
    ...smoothAndClamped(gl),
    [gl.TEXTURE_COMPARE_MODE, gl.COMPARE_REF_TO_TEXTURE],
    [gl.TEXTURE_COMPARE_FUNC, gl.LEQUAL],
  ]);
}

function colorTarget(gl, size) {
  return target(gl, size, gl.RGBA8, gl.COLOR_ATTACHMENT0, smoothAndClamped(gl));
}
