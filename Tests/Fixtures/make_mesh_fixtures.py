"""Writes the models and tables of Tests/Fixtures/formats: small files made by other programs.

  make_mesh_fixtures.py             make the fixtures anew
  make_mesh_fixtures.py --check D   read the models that the tests wrote into folder D
                                    (ATELIER_WRITE_FORMATS=D scripts/test) with the same programs

Needs numpy, scipy, pygltflib, pyassimp, trimesh and bpy (Blender 4.2) from PyPI, and assimp
(Debian's assimp-utils). Truth stands beside a model NAME as NAME.npy, [frame, vertex, 3], with
NAME_faces.npy and NAME_times.npy where there are some. sheet.* are the project's
own: what --check has read.
"""

import csv
import ctypes
import io
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pygltflib as gl
import trimesh

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
CODES = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}


def path(name):
    return os.path.join(FOLDER, name)


def save_truth(name, frames, faces=None, times=None):
    np.save(path(f"{name}.npy"), np.asarray(frames, np.float32))
    if faces is not None:
        np.save(path(f"{name}_faces.npy"), np.asarray(faces, np.int32))
    if times is not None:
        np.save(path(f"{name}_times.npy"), np.asarray(times, np.float32))


class Model:
    """A glTF file that is put together by hand, so that every way of storing numbers occurs."""

    def __init__(self):
        self.gltf = gl.GLTF2(asset=gl.Asset(version="2.0"), scene=0)
        self.gltf.scenes = [gl.Scene(nodes=[0])]
        self.data = b""

    def view(self, data, stride=None):
        self.data += b"\0" * (-len(self.data) % 4)
        self.gltf.bufferViews.append(
            gl.BufferView(
                buffer=0, byteOffset=len(self.data), byteLength=len(data), byteStride=stride
            )
        )
        self.data += data
        return len(self.gltf.bufferViews) - 1

    def accessor(self, array, view=None, offset=0, normalized=None):
        kind = "SCALAR" if array.ndim == 1 else f"VEC{array.shape[1]}"
        bounds = {}
        if array.ndim == 2:
            bounds = {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        self.gltf.accessors.append(
            gl.Accessor(
                bufferView=self.view(array.tobytes()) if view is None else view,
                byteOffset=offset,
                componentType=CODES[array.dtype.str[1:]],
                normalized=normalized,
                count=len(array),
                type=kind,
                **bounds,
            )
        )
        return len(self.gltf.accessors) - 1

    def sparse(self, count, indices, values):
        """An accessor without a view: zeros, but for a few elements."""
        self.gltf.accessors.append(
            gl.Accessor(
                componentType=CODES["f4"],
                count=count,
                type="VEC3",
                sparse=gl.Sparse(
                    count=len(indices),
                    indices=gl.AccessorSparseIndices(
                        bufferView=self.view(indices.tobytes()),
                        componentType=CODES[indices.dtype.str[1:]],
                    ),
                    values=gl.AccessorSparseValues(bufferView=self.view(values.tobytes())),
                ),
            )
        )
        return len(self.gltf.accessors) - 1

    def mesh(self, *primitives, name="shape"):
        self.gltf.meshes.append(gl.Mesh(name=name, primitives=list(primitives)))

    def animate(self, node, times, weights, interpolation=None, normalized=None):
        sampler = gl.AnimationSampler(
            input=self.accessor(times.astype("<f4")),
            output=self.accessor(weights.ravel(), normalized=normalized),
            interpolation=interpolation,
        )
        channel = gl.AnimationChannel(
            sampler=0, target=gl.AnimationChannelTarget(node=node, path="weights")
        )
        self.gltf.animations.append(gl.Animation(samplers=[sampler], channels=[channel]))

    def save(self, name):
        self.gltf.buffers = [gl.Buffer(byteLength=len(self.data))]
        if name.endswith(".glb"):
            self.gltf.set_binary_blob(self.data)
            self.gltf.save_binary(path(name))
        else:
            stem = name.removesuffix(".gltf")
            self.gltf.buffers[0].uri = f"{stem}.bin".replace("_", "%5F")
            with open(path(f"{stem}.bin"), "wb") as file:
                file.write(self.data)
            self.gltf.save_json(path(name))


def shape(seed, vertices, targets):
    random = np.random.default_rng(seed)
    base = random.uniform(-1, 1, (vertices, 3)).astype("<f4")
    offsets = random.uniform(-0.5, 0.5, (targets, vertices, 3)).astype("<f4")
    return base, offsets


def placed(matrix, points):
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def blend(base, offsets, weights):
    return base.astype(np.float64) + np.einsum("ft,tvk->fvk", weights.astype(np.float64), offsets)


def make_linear():
    """Bytes as indices, numbers in a file beside, a node below another, no interpolation named."""
    base, offsets = shape(1, 5, 2)
    faces = np.array([[0, 1, 2], [2, 3, 4], [4, 1, 0]], "u1")
    times, weights = np.array([0, 0.25, 1.5]), np.array([[0, 0], [1, 0], [-0.5, 0.75]], "<f4")
    model = Model()
    targets = [{"POSITION": model.accessor(offset)} for offset in offsets]
    model.mesh(
        gl.Primitive(
            attributes=gl.Attributes(POSITION=model.accessor(base)),
            indices=model.accessor(faces.ravel()),
            targets=targets,
        )
    )
    turn = trimesh.transformations.quaternion_about_axis(0.7, [1, 2, -1])
    child = trimesh.transformations.euler_matrix(0.1, 0.2, 0.3)
    child[:3, 3] = [0.5, 0, -2]
    model.gltf.nodes = [
        gl.Node(
            children=[1],
            translation=[1.0, 2.0, 3.0],
            rotation=[*turn[1:].tolist(), float(turn[0])],
            scale=[2.0, 1.0, 0.5],
        ),
        gl.Node(name="petal", mesh=0, matrix=child.T.ravel().tolist()),
    ]
    model.animate(1, times, weights)
    model.save("morph_linear.gltf")
    parent = trimesh.transformations.quaternion_matrix(turn)
    parent = parent @ np.diag([2, 1, 0.5, 1])
    parent[:3, 3] = [1, 2, 3]
    save_truth("morph_linear", placed(parent @ child, blend(base, offsets, weights)), faces, times)


def make_step():
    """Positions between normals, a sparse target, weights as bytes."""
    base, offsets = shape(2, 7, 2)
    changed = np.array([1, 4, 6], "<u2")
    sparse = np.zeros_like(offsets[1])
    sparse[changed] = offsets[1][changed]
    faces = np.array([[0, 1, 2], [3, 4, 5], [6, 0, 3], [1, 5, 6]], "<u2")
    times, weights = (
        np.array([0.5, 1, 2, 4]),
        np.array([[0, 255], [51, 0], [255, 255], [0, 0]], "u1"),
    )
    model = Model()
    view = model.view(np.concatenate([base, base * 0 + [0, 0, 1]], 1).astype("<f4").tobytes(), 24)
    normals = np.tile(np.array([[0, 0, 1]], "<f4"), (7, 1))
    model.mesh(
        gl.Primitive(
            attributes=gl.Attributes(
                POSITION=model.accessor(base, view), NORMAL=model.accessor(normals, view, 12)
            ),
            indices=model.accessor(faces.ravel()),
            targets=[
                {"POSITION": model.accessor(offsets[0])},
                {"POSITION": model.sparse(7, changed, sparse[changed])},
            ],
        )
    )
    model.gltf.nodes = [gl.Node(mesh=0)]
    model.animate(0, times, weights, "STEP", normalized=True)
    model.save("morph_step.glb")
    offsets[1] = sparse
    save_truth("morph_step", blend(base, offsets, weights / 255), faces, times)


def make_cubic():
    """Tangents round every value, no indices, and a node that mirrors."""
    base, offsets = shape(3, 6, 1)
    times, weights = np.array([0, 1]), np.array([[0.25], [1]], "<f4")
    splines = np.array([[9, 0.25, 9], [-9, 1, -9]], "<f4")
    model = Model()
    model.mesh(
        gl.Primitive(
            attributes=gl.Attributes(POSITION=model.accessor(base)),
            targets=[{"POSITION": model.accessor(offsets[0])}],
        )
    )
    model.gltf.nodes = [gl.Node(mesh=0, scale=[-1.0, 1.0, 1.0])]
    model.animate(0, times, splines, "CUBICSPLINE")
    model.save("morph_cubic.glb")
    frames = blend(base, offsets, weights) * [-1, 1, 1]
    save_truth("morph_cubic", frames, [[2, 1, 0], [5, 4, 3]], times)


def make_joined():
    """A strip, a fan and plain triangles in one mesh, with targets and without an animation."""
    parts = [shape(seed, count, 2) for seed, count in [(4, 5), (5, 4), (6, 3)]]
    corners = [np.array([4, 3, 2, 1, 0], "<u4"), np.array([3, 0, 1, 2], "<u2"), None]
    model = Model()
    primitives = []
    for (base, offsets), indices, mode in zip(parts, corners, [5, 6, 4]):
        # The second target of the fan moves nothing.
        targets = [{"POSITION": model.accessor(offset)} for offset in offsets]
        if mode == 6:
            offsets[1] = 0
            targets[1] = {}
        primitives.append(
            gl.Primitive(
                attributes=gl.Attributes(POSITION=model.accessor(base)),
                indices=None if indices is None else model.accessor(indices),
                targets=targets,
                mode=mode,
            )
        )
    model.mesh(*primitives)
    model.gltf.nodes = [gl.Node(mesh=0)]
    model.save("joined.glb")
    base = np.concatenate([part[0] for part in parts])
    offsets = np.concatenate([part[1] for part in parts], axis=1)
    faces = [[4, 3, 2], [3, 1, 2], [2, 1, 0], [5, 6, 8], [6, 7, 8], [9, 10, 11]]
    save_truth("joined", [base, base + offsets[0], base + offsets[1]], faces)


def make_quantized():
    """Positions as normalised short integers, which the node scales to their size."""
    base = np.array([[-32767, 0, 32767], [16384, -1, 5], [0, -32768, 100]], "<i2")
    model = Model()
    view = model.view(np.concatenate([base, base[:, :1]], 1).tobytes(), 8)
    accessor = model.accessor(base, view, normalized=True)
    model.mesh(gl.Primitive(attributes=gl.Attributes(POSITION=accessor)))
    model.gltf.nodes = [gl.Node(mesh=0, scale=[10.0, 10.0, 10.0])]
    model.gltf.extensionsRequired = model.gltf.extensionsUsed = ["KHR_mesh_quantization"]
    model.save("quantized.glb")
    save_truth("quantized", [np.maximum(base / 32767, -1) * 10], [[0, 1, 2]])


def make_two_meshes():
    base, _ = shape(7, 3, 0)
    model = Model()
    for name in ["bud", "leaf"]:
        model.mesh(gl.Primitive(attributes=gl.Attributes(POSITION=model.accessor(base))), name=name)
    model.gltf.nodes = [gl.Node(mesh=0), gl.Node(mesh=1, name="stalk")]
    model.gltf.scenes[0].nodes = [0, 1]
    model.save("two_meshes.glb")


def make_trimesh_and_assimp():
    cone = trimesh.creation.cone(radius=0.7, height=1.3, sections=7)
    scene = trimesh.Scene()
    scene.add_geometry(cone, geom_name="cone", node_name="cone")
    scene.export(path("trimesh.glb"))
    cone.export(path("trimesh.obj"), include_normals=True)
    save_truth("trimesh", [cone.vertices], cone.faces)
    for name, form in [("assimp.obj", "obj"), ("assimp.glb", "glb2"), ("assimp.gltf", "gltf2")]:
        command = ["assimp", "export", path("trimesh.obj"), path(name), f"-f{form}"]
        subprocess.run(command, check=True, capture_output=True)
    os.remove(path("assimp.mtl"))


def petal(bpy):
    """A sheet of 3 x 4 quads with two shape keys, moved by an object that is turned and scaled."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    random = np.random.default_rng(8)
    rows, columns = 4, 5
    points = [
        (c / 4, r / 3, float(random.uniform(-0.2, 0.2)))
        for r in range(rows)
        for c in range(columns)
    ]
    faces = [
        (r * columns + c, r * columns + c + 1, (r + 1) * columns + c + 1, (r + 1) * columns + c)
        for r in range(rows - 1)
        for c in range(columns - 1)
    ]
    mesh = bpy.data.meshes.new("petal")
    mesh.from_pydata(points, [], faces)
    petal = bpy.data.objects.new("petal", mesh)
    bpy.context.collection.objects.link(petal)
    petal.location, petal.rotation_euler, petal.scale = (0.5, -1, 2), (0.3, 0.2, 0.1), (1, 2, 0.5)
    petal.shape_key_add(name="Basis")
    for name in ["open", "curl"]:
        key = petal.shape_key_add(name=name)
        for index, point in enumerate(points):
            key.data[index].co = np.array(point) + random.uniform(-0.4, 0.4, 3)
        for frame, value in [(0, 0.0), (2, float(random.uniform(0.2, 0.9))), (5, 1.0)]:
            key.value = value
            key.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 0, 5
    bpy.context.view_layer.objects.active = petal
    return petal


def make_blender():
    """Truth is what Blender itself shows at each frame, turned to glTF's axes (y is up)."""
    import bpy

    flower = petal(bpy)
    frames = []
    for frame in range(6):
        bpy.context.scene.frame_set(frame)
        seen = flower.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = [seen.matrix_world @ vertex.co for vertex in seen.to_mesh().vertices]
        frames.append([(p.x, p.z, -p.y) for p in points])
    save_truth("blender", frames, times=np.arange(6) / bpy.context.scene.render.fps)
    bpy.ops.export_scene.gltf(filepath=path("blender.glb"), export_force_sampling=True)
    bpy.context.scene.frame_set(5)
    bpy.ops.wm.obj_export(filepath=path("blender.obj"), export_materials=False)


def make_tables():
    columns = ["time", "note, with a comma", 'a "quoted" name', "größe"]
    rows = [
        ["0", "plain", "", "1.5"],
        ["0.1", "two\nlines", 'say "ha"', "-2e-3"],
        ["0.2", "semi;colon", "tab\there", " 7 "],
        ["0.3", "", "", ""],
    ]
    for name, options, encoding in [
        ("comma.csv", {}, "utf-8"),
        ("semicolon.csv", {"delimiter": ";"}, "utf-8-sig"),
        ("tab.tsv", {"delimiter": "\t", "lineterminator": "\n"}, "utf-8"),
        ("all_quoted.csv", {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"}, "utf-8"),
    ]:
        text = io.StringIO(newline="")
        csv.writer(text, **options).writerows([columns] + rows)
        with open(path(name), "wb") as file:
            file.write(text.getvalue().encode(encoding))
    with open(path("table.json"), "w") as file:
        json.dump([columns] + rows, file)


def accessor_array(gltf, index):
    accessor = gltf.accessors[index]
    view = gltf.bufferViews[accessor.bufferView]
    data = (
        gltf.get_data_from_buffer_uri(gltf.buffers[0].uri)
        if gltf.buffers[0].uri
        else gltf.binary_blob()
    )
    kind = {code: kind for kind, code in CODES.items()}[accessor.componentType]
    width = {"SCALAR": 1, "VEC3": 3}[accessor.type]
    start = (view.byteOffset or 0) + (accessor.byteOffset or 0)
    array = np.frombuffer(data, "<" + kind, accessor.count * width, start)
    if accessor.min:
        shaped = array.reshape(-1, width)
        assert np.array_equal(shaped.min(0), np.array(accessor.min, np.float32)), index
        assert np.array_equal(shaped.max(0), np.array(accessor.max, np.float32)), index
    return array.reshape(-1, width) if width > 1 else array


def check_pygltflib(file, truth, faces, times):
    gltf = gl.GLTF2().load(file)
    primitive = gltf.meshes[0].primitives[0]
    base = accessor_array(gltf, primitive.attributes.POSITION).astype(np.float64)
    normals = accessor_array(gltf, primitive.attributes.NORMAL)
    targets = [accessor_array(gltf, target["POSITION"]) for target in primitive.targets]
    turns = [accessor_array(gltf, target["NORMAL"]) for target in primitive.targets]
    sampler = gltf.animations[0].samplers[0]
    channel = gltf.animations[0].channels[0]
    assert (channel.target.node, channel.target.path) == (0, "weights")
    assert sampler.interpolation == "LINEAR"
    assert np.array_equal(accessor_array(gltf, sampler.input), times)
    weights = accessor_array(gltf, sampler.output).reshape(len(times), len(targets))
    frames = base + np.einsum("ft,tvk->fvk", weights.astype(np.float64), np.array(targets, float))
    error = np.abs(frames - truth).max()
    assert error <= 1e-6, error
    corners = accessor_array(gltf, primitive.indices).reshape(-1, 3)
    assert len(corners) == 2 * len(faces), len(corners)
    # Each quad is cut along its shorter diagonal, keeps its side, and normals agree with trimesh's.
    for quad, pair in zip(faces, corners.reshape(-1, 2, 3)):
        diagonal = set(pair[0]) & set(pair[1])
        length = [np.linalg.norm(base[quad[k]] - base[quad[k + 2]]) for k in range(2)]
        assert diagonal == {quad[np.argmin(length)], quad[np.argmin(length) + 2]}, (quad, pair)
    for frame in range(len(times)):
        turned = normals + (0 if frame == 0 else turns[frame - 1])
        # A quad's area and direction are half the cross product of its diagonals.
        sums = np.zeros_like(truth[frame], np.float64)
        for quad in faces:
            p = truth[frame][quad].astype(np.float64)
            sums[quad] += np.cross(p[2] - p[0], p[3] - p[1])
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        assert np.abs(sums - turned).max() <= 1e-6, frame
    assert gltf.materials[0].doubleSided and gltf.asset.extras == {"seed": 7}, gltf.asset
    assert np.allclose(gltf.materials[0].pbrMetallicRoughness.baseColorFactor, [0.9, 0.2, 0.4, 1])
    return (
        f"{len(base)} vertices, {len(targets)} targets, {len(times)} keyframes, error {error:.1e}"
    )


def check_assimp(file, truth, triangles):
    """What assimp prints of a file as it is (-r), and the base mesh that it writes again."""
    words = subprocess.run(
        ["assimp", "info", file, "-r"], check=True, capture_output=True, text=True
    ).stdout
    facts = dict(line.split(":", 1) for line in words.splitlines() if line.count(":") == 1)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    assert facts["Faces"] == str(triangles), facts
    with tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "model.obj")
        command = ["assimp", "export", file, other, "-fobj"]
        subprocess.run(command, check=True, capture_output=True)
        points = np.array(
            [line.split()[1:4] for line in open(other) if line.startswith("v ")], float
        )
    # assimp joins vertices that are the same in everything, and writes six digits.
    nearest = np.abs(points[:, None] - truth[None]).max(-1)
    assert nearest.min(0).max() <= 1e-5 and nearest.min(1).max() <= 1e-5, nearest
    kinds = {key: facts.get(key) for key in ["Vertices", "Faces", "Animations", "Materials"]}
    return f"{kinds}, error {nearest.min(0).max():.1e}"


def check_assimp_targets(file, truth, times):
    """The morph targets and the weights' keyframes as assimp's library has read them."""
    from pyassimp import core, structs

    load = core._assimp_lib.load
    load.restype = ctypes.POINTER(structs.Scene)
    scene = load(file.encode(), 0).contents
    mesh = scene.mMeshes[0].contents

    def positions(mesh):
        numbers = ctypes.cast(mesh.mVertices, ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(numbers, (mesh.mNumVertices, 3))

    targets = [mesh.mAnimMeshes[index].contents for index in range(mesh.mNumAnimMeshes)]
    frames = np.stack([positions(item) for item in [mesh] + targets])
    # Positions of targets are whole here: assimp adds them to the base itself, in floats.
    error = np.abs(frames - truth).max()
    assert frames.shape == truth.shape and error <= 1e-6, error
    animation = scene.mAnimations[0].contents
    assert animation.mNumMorphMeshChannels == 1, animation.mNumMorphMeshChannels
    channel = animation.mMorphMeshChannels[0].contents
    keys = channel.mKeys[: channel.mNumKeys]
    moments = [key.mTime / animation.mTicksPerSecond for key in keys]
    assert np.abs(np.array(moments) - times).max() <= 1e-6, moments
    weights = [key.mWeights[: key.mNumValuesAndWeights] for key in keys]
    assert np.array_equal(weights, np.eye(len(times))[:, 1:]), weights
    names = [target.mName.data.decode() for target in targets]
    return f"targets {names}, channel {channel.mName.data.decode()!r} at {moments}, {error:.1e}"


def check_blender(file, truth, times):
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=file)
    (seen,) = [item for item in bpy.data.objects if item.type == "MESH"]
    worst = 0
    for frame, time in enumerate(times):
        moment = float(time) * bpy.context.scene.render.fps
        bpy.context.scene.frame_set(int(moment), subframe=moment % 1)
        shown = seen.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = [shown.matrix_world @ vertex.co for vertex in shown.to_mesh().vertices]
        points = np.array([(p.x, p.z, -p.y) for p in points])
        assert points.shape == truth[frame].shape, points.shape
        worst = max(worst, np.abs(points - truth[frame]).max())
    assert worst <= 1e-6, worst
    keys = seen.data.shape_keys.key_blocks
    return f"{len(points)} vertices, shape keys {[key.name for key in keys]}, error {worst:.1e}"


def check(folder):
    """Reads what the tests wrote with the programs it is meant for."""
    with open(os.path.join(folder, "sheet.json")) as file:
        sheet = json.load(file)
    truth, times = np.array(sheet["frames"], np.float32), np.array(sheet["times"], np.float32)
    faces = sheet["faces"]
    for name in ["sheet.glb", "sheet.gltf"]:
        file = os.path.join(folder, name)
        print(name, "pygltflib:", check_pygltflib(file, truth, faces, times))
        print(name, "assimp:", check_assimp(file, truth[0], 2 * len(faces)))
        print(name, "assimp:", check_assimp_targets(file, truth, times))
        print(name, "Blender:", check_blender(file, truth, times))
        loaded = trimesh.load(file, process=False).geometry
        ((_, solid),) = loaded.items()
        assert np.array_equal(solid.vertices, truth[0]) and len(solid.faces) == 2 * len(faces)
        print(name, "trimesh:", len(solid.vertices), "vertices,", len(solid.faces), "triangles")
    file = os.path.join(folder, "sheet.obj")
    print("sheet.obj assimp:", check_assimp(file, truth[0], len(faces)))
    solid = trimesh.load(file, process=False, maintain_order=True)
    assert np.array_equal(solid.vertices.astype(np.float32), truth[0]), "sheet.obj"
    print("sheet.obj trimesh:", len(solid.vertices), "vertices, the same bits")
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.obj_import(filepath=file, forward_axis="Y", up_axis="Z")
    mesh = bpy.context.selected_objects[0].data
    assert [list(face.vertices) for face in mesh.polygons] == faces, "sheet.obj faces"
    assert np.array_equal(np.array([v.co for v in mesh.vertices], np.float32), truth[0])
    print("sheet.obj Blender:", len(mesh.polygons), "quads, the same bits")
    with open(os.path.join(folder, "table.csv"), newline="") as file:
        rows = list(csv.reader(file, strict=True))
    with open(path("table.json")) as file:
        assert rows == json.load(file), rows
    print("table.csv Python's csv:", len(rows), "rows, the same")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    else:
        for make in [
            make_linear,
            make_step,
            make_cubic,
            make_joined,
            make_quantized,
            make_two_meshes,
            make_trimesh_and_assimp,
            make_blender,
            make_tables,
        ]:
            make()
