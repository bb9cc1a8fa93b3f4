import FileFormats
import Tensors

/// Everything that decides a sheet of samples: written into its PNG, and enough to make it again.
public struct SampleRecipe: Sendable, Hashable {
  /// Family of the model, such as `vae`.
  public var model: String
  /// Name of the run's folder, without its place: a hint where to look.
  public var run: String
  /// Which checkpoint.
  public var step: Int
  /// Checksum of the parameters: what the run is known by, wherever it lies.
  public var parameters: String
  public var seeds: SeedList
  /// The class that pictures are to be of; nil for each in turn, and where there are none.
  public var className: String?
  /// How far from the middle pictures are taken; 1 is the model's own distribution.
  public var temperature: Float
  /// Pictures in a row.
  public var columns: Int
  /// Pixels between pictures and round the edge.
  public var padding: Int
  /// What computed the pictures, or nil where that is not known; it is told, not obeyed.
  public var maker: PictureMaker?

  public init(
    model: String, run: String, step: Int, parameters: String, seeds: SeedList,
    className: String? = nil, temperature: Float = 1, columns: Int, padding: Int = 2,
    maker: PictureMaker? = nil
  ) {
    self.model = model
    self.run = run
    self.step = step
    self.parameters = parameters
    self.seeds = seeds
    self.className = className
    self.temperature = temperature
    self.columns = columns
    self.padding = padding
    self.maker = maker
  }

  private static let format = "atelier-picture/1"

  /// The command that makes the picture again.
  var command: String {
    "atelier sample \(run) --checkpoint \(step) --seeds \(seeds.text)"
      + " --grid \(grid) --temperature \(temperature)"
      + (className.map { " --class '\($0.replacing("'", with: "'\\''"))'" } ?? "")
  }

  /// Columns by rows.
  public var grid: String { "\(columns)x\((seeds.all.count + columns - 1) / columns)" }

  var json: JSONValue {
    let members: JSONValue = [
      "format": .string(Self.format), "version": .string(atelierVersion),
      "command": .string(command), "kind": .string(SheetKind.samples.rawValue),
      "model": .string(model), "run": .string(run), "step": .integer(step),
      "parameters": .string(parameters), "seeds": .string(seeds.text),
      "temperature": JSONValue(encoding: temperature), "columns": .integer(columns),
      "padding": .integer(padding),
    ]
    return members.merging(maker?.json ?? [:])
      .merging(className.map { ["class": .string($0)] } ?? [:])
  }

  /// One line for people and other programs.
  var line: String {
    "\(model), run \(run), step \(step), seeds \(seeds.text)"
      + (className.map { ", class \($0)" } ?? "") + ", temperature \(temperature),"
      + " grid \(grid), parameters \(parameters)" + (maker.map { ", by \($0)" } ?? "")
  }

  /// The PNG of these pictures with this recipe inside.
  public func encode(_ pictures: [Picture]) -> (picture: Picture, png: [UInt8]) {
    let sheet = composed(pictures)
    return (sheet, PNG.encode(sheet, recipe: json, parameters: line))
  }

  /// The pictures laid out on one sheet.
  func composed(_ pictures: [Picture]) -> Picture { layout.composed(pictures) }

  /// Shape of the sheet, for pictures of this shape (height, width, channels).
  public func sheetShape(of pictureShape: [Int]) -> PictureShape {
    let channels = pictureShape[2] == 1 ? 1 : 3
    return layout.sheetShape(
      of: PictureShape(height: pictureShape[0], width: pictureShape[1], channels: channels),
      count: seeds.all.count)
  }

  private var layout: PictureGrid { PictureGrid(columns: columns, padding: padding) }

  /// The recipe inside a PNG.
  ///
  /// - Throws: A `FileFormatError` for damage, ``TrainingError/noRecipe(_:)`` and
  ///   ``TrainingError/wrongRecipe(_:expected:found:)``.
  public init(readingFrom png: [UInt8], file: String) throws {
    guard let json = try PNG.recipe(in: png, file: file) else { throw TrainingError.noRecipe(file) }
    func text(_ key: String) throws -> String {
      if let text = json[key]?.string { return text }
      throw wrong("a text '\(key)'", json[key])
    }
    func wrong(_ expected: String, _ found: JSONValue?) -> TrainingError {
      .wrongRecipe(file, expected: expected, found: found?.encoded ?? "nothing")
    }
    guard try text("format") == Self.format else {
      throw wrong("format \(Self.format)", json["format"])
    }
    guard try text("kind") == SheetKind.samples.rawValue else {
      throw wrong("a sheet of samples", json["kind"])
    }
    guard let seeds = SeedList(try text("seeds")) else { throw wrong("seeds", json["seeds"]) }
    guard let step = json["step"]?.integer, step >= 0 else { throw wrong("a step", json["step"]) }
    let className = try json["class"].map { _ in try text("class") }
    guard let temperature = json["temperature"]?.number, Float(temperature).isFinite,
      temperature >= 0
    else {
      throw wrong("a temperature", json["temperature"])
    }
    guard let columns = json["columns"]?.integer, (1...SeedList.limit).contains(columns) else {
      throw wrong("columns", json["columns"])
    }
    guard let padding = json["padding"]?.integer, (0...1024).contains(padding) else {
      throw wrong("a padding", json["padding"])
    }
    self.init(
      model: try text("model"), run: try text("run"), step: step,
      parameters: try text("parameters"), seeds: seeds, className: className,
      temperature: Float(temperature),
      columns: columns, padding: padding, maker: PictureMaker(json))
  }
}

/// The device that computed a picture.
///
/// The same recipe gives the same bytes on the same device; another kind or instruction set may
/// give other last bits, and seldom another pixel.
public struct PictureMaker: Sendable, Hashable, CustomStringConvertible {
  /// `cpu` or `opencl`.
  public var device: String
  /// Such as `avx512`, or the OpenCL device and its driver.
  public var instructionSet: String

  public init(_ device: Device) {
    instructionSet = device.instructionSetName
    self.device = instructionSet.hasPrefix("opencl ") ? "opencl" : "cpu"
  }

  /// What a recipe says; nil for one from before this was told.
  init?(_ recipe: JSONValue) {
    guard let device = recipe["device"]?.string,
      let instructionSet = recipe["instructionSet"]?.string
    else { return nil }
    (self.device, self.instructionSet) = (device, instructionSet)
  }

  var json: [String: JSONValue] {
    ["device": .string(device), "instructionSet": .string(instructionSet)]
  }

  public var description: String {
    instructionSet.hasPrefix(device) ? instructionSet : "\(device) \(instructionSet)"
  }
}

/// This program's version, as pictures and `atelier --version` tell it.
public let atelierVersion = "0.1.0"
