import FileFormats
import Foundation
import Tensors
import Testing

@testable import Training

@Suite struct SampleTests {
  @Test(
    "a run's own sheet of samples is made again byte for byte, also from another place",
    arguments: [Precision.float32, .bfloat16])
  func remaking(precision: Precision) throws {
    try withTemporaryFolder { folder in
      try TinyRun(assignments: ["averageDecay=0.9"], precision: precision)
        .train(in: "\(folder)/run")
      let run = RunFolder(path: "\(folder)/run")
      let picture = try bytes(run.sheet(.samples, 6))
      let again = try Remaking(picture, file: run.sheet(.samples, 6)).png(on: .cpu(threads: 2))
      #expect(again == picture)

      try FileManager.default.moveItem(atPath: run.path, toPath: "\(folder)/moved")
      let loose = "\(folder)/loose.png"
      try AtomicFile.write(picture, to: loose)
      #expect(
        trainingError { try Remaking(picture, file: loose) }
          == .runNotFound(picture: loose, run: "run"))
      let moved = try Remaking(picture, file: loose, run: "\(folder)/moved")
      #expect(try moved.png(on: .cpu) == picture)
    }
  }

  @Test("other parameters are told apart by their checksum")
  func otherParameters() throws {
    try withTemporaryFolder { folder in
      let (a, b) = (RunFolder(path: "\(folder)/a"), RunFolder(path: "\(folder)/b"))
      try TinyRun().train(in: a.path)
      try TinyRun(seed: 9).train(in: b.path)
      let picture = try bytes(a.sheet(.samples, 6))
      let recipe = try SampleRecipe(readingFrom: picture, file: "a.png")
      let found = try TrainedModel(b, .latest, on: .cpu).parameterChecksum
      #expect(found != recipe.parameters)
      #expect(
        trainingError { try Remaking(picture, file: "a.png", run: b.path).png(on: .cpu) }
          == .otherParameters(
            picture: "a.png", checkpoint: b.checkpoint(6), expected: recipe.parameters, found: found
          )
      )
      try FileManager.default.removeItem(atPath: b.checkpoint(6))
      #expect(
        trainingError { try Remaking(picture, file: "a.png", run: b.path).png(on: .cpu) }
          == .missingStep(6, run: b.path, found: [2, 3, 4]))
    }
  }

  @Test("a recipe is the same after it went through a PNG")
  func recipeRoundTrip() throws {
    let recipe = SampleRecipe(
      model: "vae", run: "00001-ä\"-vae", step: 7, parameters: "0a1b2c3d",
      seeds: SeedList("0-3,85")!, temperature: 0.7, columns: 3, padding: 0)
    let tile = Picture(height: 2, width: 3, channels: 3, filledWith: .black)
    let png = recipe.encode([Picture](repeating: tile, count: 5)).png
    #expect(try SampleRecipe(readingFrom: png, file: "a.png") == recipe)
    let line = try PNG.texts(in: png, file: "a.png").first { $0.keyword == "parameters" }
    #expect(
      line?.text
        == "vae, run 00001-ä\"-vae, step 7, seeds 0-3,85, temperature 0.7, grid 3x2, parameters 0a1b2c3d"
    )
  }

  @Test("every sheet tells what computed it, and recipes from before that was told are still read")
  func maker() throws {
    try withTemporaryFolder { folder in
      let set = try #require(InstructionSet.available.first)
      let device = try Device.cpu(instructionSet: set, threads: 1)
      try TinyRun(device: device).train(in: folder)
      let run = RunFolder(path: folder)
      for kind in SheetKind.allCases {
        let png = try bytes(run.sheet(kind, 6))
        let recipe = try #require(try PNG.recipe(in: png, file: "a"))
        #expect(recipe["device"] == "cpu" && recipe["instructionSet"] == .string(set.rawValue))
        let line = try PNG.texts(in: png, file: "a").first { $0.keyword == "parameters" }
        #expect(line?.text.hasSuffix(", by cpu \(set.rawValue)") == true)
      }
      let recipe = try TrainedModel(run, .latest, on: device).recipe(
        seeds: SeedList([1]), temperature: 1, columns: 1)
      #expect(recipe.maker == PictureMaker(device))

      var older = recipe
      older.maker = nil
      #expect(older.json["device"] == nil && older.json["instructionSet"] == nil)
      let tile = Picture(height: 2, width: 3, channels: 1, filledWith: .black)
      #expect(try SampleRecipe(readingFrom: older.encode([tile]).png, file: "a") == older)
      #expect(try SampleRecipe(readingFrom: recipe.encode([tile]).png, file: "a") == recipe)
    }
  }

  @Test("a recipe of a sheet beyond any picture's size is refused before it is drawn")
  func hostileSize() throws {
    try withTemporaryFolder { folder in
      try TinyRun().train(in: folder)
      let run = RunFolder(path: folder)
      var recipe = try SampleRecipe(readingFrom: try bytes(run.sheet(.samples, 6)), file: "a")
      recipe.seeds = SeedList(Array(0..<SeedList.limit))
      let tile = Picture(height: 2, width: 3, channels: 1, filledWith: .black)
      // One row too wide, one column too high, and sides that are fine with an area that is not.
      for (columns, padding) in [(4096, 4), (1, 1024), (64, 1024)] {
        (recipe.columns, recipe.padding) = (columns, padding)
        let png = PNG.encode(tile, recipe: recipe.json, parameters: "")
        let error = trainingError {
          try Remaking(png, file: "a.png", run: folder).png(on: .cpu)
        }
        guard case .wrongRecipe("a.png", let expected, let found) = error else {
          Issue.record("\(columns) columns with padding \(padding): \(error as Any)")
          continue
        }
        #expect(expected == "a sheet of at most 32768 pixels a side and 256 MiB of pixels")
        #expect(found.hasPrefix("\(columns) columns with padding \(padding), which make "))
      }
    }
  }

  @Test(
    "a run's own sheet has as many pictures as the largest file holds",
    arguments: [
      ([28, 28, 1], 64), ([1024, 1024, 3], 64), ([2048, 2048, 3], 16), ([4096, 4096, 3], 2),
    ])
  func ownSheets(pictureShape: [Int], count: Int) {
    #expect(Sheet.count(of: pictureShape) == count)
  }

  @Test("pictures without a recipe, or with one that cannot be followed, say so")
  func badRecipes() throws {
    let tile = Picture(height: 2, width: 3, channels: 1, filledWith: .black)
    #expect(
      trainingError { try SampleRecipe(readingFrom: PNG.encode(tile), file: "a.png") }
        == .noRecipe("a.png"))
    let good = SampleRecipe(
      model: "vae", run: "r", step: 7, parameters: "0a1b2c3d", seeds: SeedList([1]), columns: 1
    ).json
    for (key, value) in [
      ("format", "other"), ("kind", "reconstructions"), ("seeds", "5-1"), ("seeds", 3),
      ("step", -1), ("step", 1.5), ("temperature", "warm"), ("temperature", 1e300), ("columns", 0),
      ("run", nil),
      ("padding", -3),
    ] as [(String, JSONValue)] {
      let png = PNG.encode(tile, recipe: good.merging([key: value]), parameters: "")
      guard case .wrongRecipe = trainingError({ try SampleRecipe(readingFrom: png, file: "a") })
      else {
        Issue.record("\(key) \(value) was taken")
        continue
      }
    }
  }

  @Test("pixels are rounded to nearest, clamped, and NaN is black")
  func quantising() throws {
    let values: [Float] = [-1, 0, 0.001, 0.002, 0.5, 0.9979, 0.9981, 1, 7, .nan]
    let pictures = try Tensor(values, shape: [1, 2, 5, 1]).pictures()
    #expect(pictures.map(\.pixels) == [[0, 0, 0, 1, 128, 254, 255, 255, 255, 0]])
  }
}
