import ArgumentParser
import FileFormats
import Foundation
import Training

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Make new pictures with a trained model, or a picture again from its recipe.",
    discussion: """
      A seed decides a picture: the same seed, checkpoint and device give the same bytes.
      Each PNG holds the recipe that made it.

      Examples:
        atelier sample runs/first
        atelier sample runs/first --seeds 0-63,85 --grid 13x5 --out new.png
        atelier sample runs/first --seeds 85 --temperature 0.7 --out pictures/
        atelier sample --from new.png --out again.png
        atelier sample runs/first --timelapse
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"))
  var folder: String?

  @Option(help: ArgumentHelp("Seeds, such as 0-63,85.", valueName: "list"))
  var seeds: String?

  @Option(help: ArgumentHelp("Columns by rows, such as 8x8.", valueName: "CxR"))
  var grid: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Of this class, where the model was trained with classes. (default: each in turn)",
      valueName: "name"))
  var className: String?

  @Option(
    help:
      "Scale of the latent vectors, or how far styles lie from their mean: below 1 tamer, above 1 wilder. (default: 1)"
  )
  var temperature: Float?

  @Option(
    help: ArgumentHelp(
      "latest, best, a step, or a file. (default: latest)", valueName: "which"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "PNG for the grid, or a folder (ending in /) for one PNG a seed. Default: the run's samples folder.",
      valueName: "path"))
  var out: String?

  @Option(help: ArgumentHelp("A PNG whose recipe is to be followed again.", valueName: "png"))
  var from: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("With --from: where the run is.", valueName: "folder"))
  var runOfPicture: String?

  @Flag(help: "An animated PNG of the run's sheets, which shows how it learnt.")
  var timelapse = false

  @OptionGroup var device: DeviceOption

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let files = try timelapse ? [makeTimelapse()] : from.map(remake) ?? makeNew()
    if json {
      try Console.result(["pictures": .array(files.map { .string($0) })])
    } else {
      for file in files { try Console.result(file) }
    }
  }

  private func makeTimelapse() throws -> String {
    let given = [
      ("--from", from != nil), ("--seeds", seeds != nil), ("--grid", grid != nil),
      ("--class", className != nil), ("--temperature", temperature != nil),
      ("--checkpoint", checkpoint != nil),
    ]
    // Sheets are there already, whatever these say.
    for (name, isGiven) in given where isGiven { throw UsageError.conflict("--timelapse", name) }
    guard let folder, !folder.isEmpty else { throw UsageError.nothingToSample }
    let run = RunFolder(path: folder)
    guard isFolder(folder), run.isRun else { throw TrainingError.notARun(folder) }
    let target = try out.map(Self.named) ?? "\(run.path)/timelapse.png"
    return try OutputFile.write(try Timelapse.encode(run), to: target)
  }

  private func makeNew() throws -> [String] {
    guard let path = folder, !path.isEmpty else { throw UsageError.nothingToSample }
    if runOfPicture != nil { throw UsageError.conflict("a run", "--run (which goes with --from)") }
    let temperature = temperature ?? 1
    let layout = try SheetLayout(seeds: seeds, grid: grid)
    guard temperature.isFinite, temperature >= 0 else {
      throw UsageError.wrongValue("\(temperature)", place: "--temperature", expected: "at least 0")
    }
    if isThere(path), !isFolder(path) { throw UsageError.notAFolder(path) }
    let folder = RunFolder(path: path)
    let model = try TrainedModel(folder, try checkpointChoice(), on: device.select())
    let recipe = model.recipe(
      seeds: layout.seeds, className: className, temperature: temperature,
      columns: layout.columns)
    if let out, out.hasSuffix("/") || isFolder(out) { return try writeEach(model, recipe, out) }
    let shape = recipe.sheetShape(of: model.configuration.pictureShape)
    guard shape.isWithinLimits else {
      throw UsageError.sheetTooLarge(recipe.grid, shape: shape)
    }
    let target = try out.map(Self.named) ?? defaultPath(recipe, in: folder)
    return [try OutputFile.write(recipe.encode(try model.pictures(recipe)).png, to: target)]
  }

  /// A path that tells all that was asked for, so that other pictures get another name.
  private func defaultPath(_ recipe: SampleRecipe, in folder: RunFolder) -> String {
    let step = URL(fileURLWithPath: folder.sheet(.samples, recipe.step)).deletingPathExtension()
    var name = step.relativePath
    if case .path(let file)? = try? checkpointChoice() {
      name +=
        "-\(URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent)"
        + "-\(recipe.parameters)"
    }
    name += "-seeds-\(recipe.seeds.text)"
    if grid != nil { name += "-grid-\(recipe.grid)" }
    if let className { name += "-class-\(className.replacing("/", with: "-"))" }
    if recipe.temperature != 1 { name += "-temperature-\(recipe.temperature)" }
    return name + ".png"
  }

  private static func named(_ path: String) throws(UsageError) -> String {
    if path.isEmpty { throw .wrongValue(path, place: "--out", expected: "the name of a PNG") }
    return path
  }

  /// One PNG a seed.
  private func writeEach(
    _ model: TrainedModel, _ recipe: SampleRecipe, _ folder: String
  ) throws -> [String] {
    try RunFolder.make(folder)
    let pictures = try model.pictures(recipe)
    return try zip(recipe.seeds.all, pictures).map { seed, picture in
      var single = recipe
      (single.seeds, single.columns, single.padding) = (SeedList([seed]), 1, 0)
      let name = String(format: "seed%05d.png", seed)
      return try OutputFile.write(
        single.encode([picture]).png, to: "\(RunFolder(path: folder).path)/\(name)")
    }
  }

  private func remake(_ picture: String) throws -> [String] {
    if folder != nil { throw UsageError.conflict("--from", "a run") }
    // The recipe has all of these.
    let given = [
      ("--seeds", seeds != nil), ("--grid", grid != nil), ("--class", className != nil),
      ("--temperature", temperature != nil),
      ("--checkpoint", checkpoint != nil),
    ]
    for (name, isGiven) in given where isGiven { throw UsageError.conflict("--from", name) }
    if picture.isEmpty {
      throw UsageError.wrongValue(picture, place: "--from", expected: "the name of a PNG")
    }
    let bytes = try ByteSource(path: picture).readAll(limit: Picture.maximumBytes)
    let again = try Remaking(bytes, file: picture, run: runOfPicture)
    let path = try out.map(Self.named) ?? Self.again(picture)
    if path.hasSuffix("/") || isFolder(path) { throw UsageError.onePicture(path) }
    let device = try device.select()
    let maker = PictureMaker(device)
    if let first = again.recipe.maker, first != maker {
      Console.note("\(picture) was made by \(first); \(maker) may give other last bits")
    }
    return [try OutputFile.write(try again.png(on: device), to: path)]
  }

  /// `new.png` becomes `new-again.png`.
  private static func again(_ path: String) -> String {
    let stem = path.lowercased().hasSuffix(".png") ? String(path.dropLast(4)) : path
    return "\(stem)-again.png"
  }

  private func checkpointChoice() throws -> CheckpointChoice {
    try CheckpointChoice(argument: checkpoint)
  }

  private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

/// Which pictures go where on a sheet.
struct SheetLayout: Equatable {
  let seeds: SeedList
  let columns: Int

  /// - Parameters:
  ///   - text: Seeds as typed; by default as many as the grid has cells, from 0 on.
  ///   - grid: `COLUMNSxROWS` as typed; by default about as wide as high. 64 pictures where neither
  ///     is given.
  /// - Throws: ``UsageError``.
  init(seeds text: String?, grid: String?) throws(UsageError) {
    let size = try grid.map(Self.parse)
    let seeds: SeedList
    if let text {
      guard let list = SeedList(text) else {
        throw .wrongValue(
          text, place: "--seeds",
          expected: "up to \(SeedList.limit) numbers from 0 to \(Int32.max) and rising ranges of"
            + " them, such as 0-63,85")
      }
      seeds = list
    } else {
      seeds = SeedList(Array(0..<(size.map { $0.columns * $0.rows } ?? 64)))
    }
    if let size, let grid, seeds.all.count > size.columns * size.rows {
      throw .gridTooSmall(grid, pictures: seeds.all.count)
    }
    self.seeds = seeds
    columns = size?.columns ?? PictureGrid.squarish(count: seeds.all.count).columns
  }

  private static func parse(_ text: String) throws(UsageError) -> (columns: Int, rows: Int) {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard sides.count == 2, let columns = sides[0], let rows = sides[1],
      (1...SeedList.limit).contains(columns), (1...SeedList.limit).contains(rows),
      columns * rows <= SeedList.limit
    else {
      throw .wrongValue(
        text, place: "--grid",
        expected: "columns by rows such as 8x8, \(SeedList.limit) pictures at most")
    }
    return (columns, rows)
  }
}
