import FileFormats

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
  /// Scale of the latent vectors; 1 is the model's own distribution.
  public var temperature: Float
  /// Pictures in a row.
  public var columns: Int
  /// Pixels between pictures and round the edge.
  public var padding: Int

  public init(
    model: String, run: String, step: Int, parameters: String, seeds: SeedList,
    temperature: Float = 1, columns: Int, padding: Int = 2
  ) {
    self.model = model
    self.run = run
    self.step = step
    self.parameters = parameters
    self.seeds = seeds
    self.temperature = temperature
    self.columns = columns
    self.padding = padding
  }

  private static let format = "atelier-picture/1"

  /// The command that makes the picture again.
  var command: String {
    "atelier sample \(run) --checkpoint \(step) --seeds \(seeds.text)"
      + " --grid \(grid) --temperature \(temperature)"
  }

  /// Columns by rows.
  var grid: String { "\(columns)x\((seeds.all.count + columns - 1) / columns)" }

  var json: JSONValue {
    [
      "format": .string(Self.format), "version": .string(atelierVersion),
      "command": .string(command), "kind": .string(SheetKind.samples.rawValue),
      "model": .string(model), "run": .string(run), "step": .integer(step),
      "parameters": .string(parameters), "seeds": .string(seeds.text),
      "temperature": JSONValue(encoding: temperature), "columns": .integer(columns),
      "padding": .integer(padding),
    ]
  }

  /// One line for people and other programs.
  var line: String {
    "\(model), run \(run), step \(step), seeds \(seeds.text), temperature \(temperature),"
      + " grid \(grid), parameters \(parameters)"
  }

  /// The PNG of these pictures with this recipe inside.
  public func encode(_ pictures: [Picture]) -> (picture: Picture, png: [UInt8]) {
    let sheet = composed(pictures)
    return (sheet, PNG.encode(sheet, recipe: json, parameters: line))
  }

  /// The pictures laid out on one sheet.
  func composed(_ pictures: [Picture]) -> Picture {
    PictureGrid(columns: columns, padding: padding).composed(pictures)
  }

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
    guard let temperature = json["temperature"]?.number, temperature.isFinite else {
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
      parameters: try text("parameters"), seeds: seeds, temperature: Float(temperature),
      columns: columns, padding: padding)
  }
}

/// This program's version, as pictures and `atelier --version` tell it.
public let atelierVersion = "0.1.0"
