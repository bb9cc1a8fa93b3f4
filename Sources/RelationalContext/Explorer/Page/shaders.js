'use strict';
// Programs of the graphics card (GLSL ES 3.00).

const surfaceVertexShader = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 place;  // along and across the petal, 0 to 1
uniform mat4 camera, model, light;
out vec3 at, n;
out vec2 uv;
out vec3 inLight;
void main() {
  vec4 world = model * vec4(position, 1.0);
  at = world.xyz;
  n = mat3(model) * normal;
  uv = place;
  inLight = (light * world).xyz * 0.5 + 0.5;
  gl_Position = camera * world;
}`;

// Thin, waxy and a little translucent: wrapped diffuse light, light that comes through from behind,
// a velvet sheen at grazing angles, and shadows of other petals.
const surfaceFragmentShader = `#version 300 es
precision highp float;
precision highp sampler2DShadow;
in vec3 at, n;
in vec2 uv;
in vec3 inLight;
uniform vec3 eye, sun, base, middle, tip;
uniform float dim, opacity, veins;
uniform vec3 ghost;
uniform sampler2DShadow shadows;
out vec4 color;

float lit(vec3 p) {
  float step = 1.6 / float(textureSize(shadows, 0).x);
  float sum = 0.0;
  for (int i = -2; i <= 2; i++) {
    for (int j = -2; j <= 2; j++) {
      sum += texture(shadows, vec3(p.xy + step * vec2(i, j), p.z - 0.012));
    }
  }
  return sum / 25.0;
}

void main() {
  vec3 normal = normalize(n);
  float inner = gl_FrontFacing ? 1.0 : 0.0;
  if (!gl_FrontFacing) normal = -normal;
  vec3 view = normalize(eye - at);
  if (opacity < 1.0) {
    float rim = pow(1.0 - abs(dot(normal, view)), 2.0);
    float a = opacity * (0.55 + 0.9 * rim);
    color = vec4(pow(ghost, vec3(1.0 / 2.2)) * a, a);
    return;
  }

  float along = clamp(uv.x, 0.0, 1.0);
  vec3 albedo = mix(mix(base, middle, smoothstep(0.0, 0.5, along)), tip, smoothstep(0.35, 1.0, along));
  float across = abs(2.0 * uv.y - 1.0);
  albedo = mix(albedo, vec3(1.0, 0.96, 0.93), 0.16 * pow(across, 5.0));
  float wave = abs(fract(uv.y * 8.0 + 0.5) - 0.5) * 2.0;
  float blur = fwidth(uv.y * 16.0);
  float vein = smoothstep(0.82 - blur, 1.0, wave) * (1.0 - smoothstep(0.1, 0.8, blur));
  albedo *= 1.0 - veins * vein * (1.0 - 0.6 * along) * mix(1.5, 1.0, inner);
  albedo = mix(albedo * vec3(0.97, 0.98, 0.93), albedo, 0.4 + 0.6 * inner);

  float facing = dot(normal, sun);
  float shade = lit(inLight);
  float front = clamp((facing + 0.3) / 1.3, 0.0, 1.0) * mix(shade, 1.0, 0.12);
  float through = clamp(-facing, 0.0, 1.0) * mix(shade, 1.0, 0.3);
  vec3 sky = mix(vec3(0.50, 0.44, 0.42), vec3(0.86, 0.88, 0.94), normal.z * 0.5 + 0.5);
  float deep = mix(0.72, 1.0, smoothstep(0.0, 0.35, along));
  vec3 light = sky * 0.50 * deep + vec3(1.0, 0.95, 0.87) * 0.70 * front;
  vec3 sum = albedo * light + albedo * albedo * vec3(1.0, 0.86, 0.72) * 0.62 * through;

  vec3 middleWay = normalize(view + sun);
  float gloss = pow(clamp(dot(normal, middleWay), 0.0, 1.0), 28.0) * shade;
  float sheen = pow(1.0 - clamp(dot(normal, view), 0.0, 1.0), 3.5);
  sum += vec3(1.0, 0.97, 0.93) * (0.07 * gloss + 0.10 * sheen * (0.4 + 0.6 * shade));
  color = vec4(pow(sum * dim, vec3(1.0 / 2.2)), 1.0);
}`;

const depthVertexShader = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 light, model;
void main() { gl_Position = light * model * vec4(position, 1.0); }`;

const depthFragmentShader = `#version 300 es
precision highp float;
void main() {}`;

// What the sun's rays through the shape cover on the ground, seen from above.
const coverVertexShader = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 model;
uniform vec3 sun, square;  // square: its middle and half its width
uniform float ground;
out float height;
void main() {
  vec3 p = (model * vec4(position, 1.0)).xyz;
  height = max(p.z - ground, 0.0);
  vec2 hit = p.xy - sun.xy / sun.z * height;
  gl_Position = vec4((hit - square.xy) / square.z, 0.0, 1.0);
}`;

const coverFragmentShader = `#version 300 es
precision highp float;
in float height;
uniform float fade;
out vec4 color;
void main() { color = vec4(vec3(0.0), mix(1.0, 0.55, clamp(height / fade, 0.0, 1.0))); }`;

const screenVertexShader = `#version 300 es
out vec2 uv;
void main() {
  uv = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(uv * 2.0 - 1.0, 0.0, 1.0);
}`;

const blurFragmentShader = `#version 300 es
precision highp float;
in vec2 uv;
uniform sampler2D picture;
uniform vec2 step;
out vec4 color;
void main() {
  float sum = 0.0, total = 0.0;
  for (int i = -12; i <= 12; i++) {
    float w = exp(-float(i * i) / 60.0);
    sum += w * texture(picture, uv + step * float(i)).a;
    total += w;
  }
  color = vec4(vec3(0.0), sum / total);
}`;

const groundVertexShader = `#version 300 es
uniform mat4 camera;
uniform vec3 square;
uniform float ground;
out vec2 uv;
void main() {
  uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = camera * vec4(square.xy + square.z * (uv * 2.0 - 1.0), ground, 1.0);
}`;

const groundFragmentShader = `#version 300 es
precision highp float;
in vec2 uv;
uniform sampler2D cover;
uniform vec4 tint;
out vec4 color;
void main() {
  float edge = 1.0 - smoothstep(0.7, 1.0, length(uv * 2.0 - 1.0));
  float a = texture(cover, uv).a * tint.a * edge;
  color = vec4(tint.rgb * a, a);
}`;

const lineVertexShader = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 camera, model;
uniform float size;
void main() {
  gl_Position = camera * model * vec4(position, 1.0);
  gl_Position.z -= 0.0008 * gl_Position.w;
  gl_PointSize = size;
}`;

const lineFragmentShader = `#version 300 es
precision highp float;
uniform vec4 tint;
uniform bool round;
out vec4 color;
void main() {
  if (round && length(gl_PointCoord - 0.5) > 0.5) discard;
  color = vec4(tint.rgb * tint.a, tint.a);
}`;
