import Datasets
import FileFormats
import Foundation
import Models
import Tensors
import Testing

@testable import Training

@Suite("Training of GANs")
struct GANTrainingTests {
  @Test(
    "stopped after any step and resumed ends in the same bytes, whatever the rhythm of the players",
    arguments: GANConfiguration.Preset.allCases)
  func resume(preset: GANConfiguration.Preset) throws {
    try withTemporaryFolder { folder in
      // Steps of all kinds, each of them made and replayed: with and without the generator, with and
      // without penalties.
      var run = TinyGAN(preset: preset, steps: 14)
      run.assignments = ["criticSteps=3", "r1=1", "penaltyEvery=2", "criticRate=0.5"]
      if preset == .style { run.assignments.append("pathLengthEvery=2") }
      let whole = try run.train(in: "\(folder)/whole")
      for stop in [1, 3, 7, 10] {
        try run.train(in: "\(folder)/\(stop)", stopAfter: stop)
        let parts = try run.train(in: "\(folder)/\(stop)", resume: .latest)
        try expectSameBytes(whole.checkpoint(14), parts.checkpoint(14))
      }
      var threads = run
      threads.threads = 3
      let others = try threads.train(in: "\(folder)/threads")
      try expectSameBytes(whole.checkpoint(14), others.checkpoint(14))
    }
  }

  @Test("updates the generator in every third step alone, through the critic just updated")
  func rhythm() throws {
    try withTemporaryFolder { folder in
      var run = TinyGAN(steps: 6)
      run.assignments = ["criticSteps=3", "checkpointEvery=1", "averageDecay=0.5"]
      var parts: [[String]] = []
      let made = try run.train(in: folder) {
        if case .step(let record) = $0 { parts.append(record.parts.map(\.name)) }
      }
      let plain = ["real", "made"]
      let whole = plain + ["generator"]
      #expect(parts == [plain, plain, whole, plain, plain, whole])
      func generator(_ step: Int) throws -> [Float] {
        try Checkpoint(path: made.checkpoint(step)).file.array(named: "generator.0.weight").floats
      }
      func critic(_ step: Int) throws -> [Float] {
        try Checkpoint(path: made.checkpoint(step)).file.array(named: "critic.0.filter").floats
      }
      #expect(try generator(1) == generator(2) && generator(2) != generator(3))
      #expect(try generator(3) == generator(5) && generator(5) != generator(6))
      for step in 2...6 { #expect(try critic(step) != critic(step - 1)) }
      #expect(try Checkpoint(path: made.checkpoint(6)).optimizerSteps == [2, 6])
    }
  }

  @Test(
    "makes what PyTorch makes of the same checkpoint, pictures and verdicts, within 1e-3",
    arguments: GANConfiguration.Preset.allCases)
  func twin(preset: GANConfiguration.Preset) throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/gans").path
    let checkpoint = try Checkpoint(path: "\(fixtures)/\(preset.rawValue).safetensors")
    let expected = try Safetensors(path: "\(fixtures)/\(preset.rawValue)-expected.safetensors")
    func tensor(_ name: String) throws -> Tensor {
      let array = try expected.array(named: name)
      return Tensor(array.floats, shape: array.shape)
    }
    let model = checkpoint.configuration.makeModel(
      seed: 9, optimizer: checkpoint.optimizer, on: .cpu)
    try checkpoint.restore(into: model)
    let gan = try #require(model as? TrainableGAN).gan
    let pictures = gan.pictures(try tensor("latents"))
    let classes = max(gan.configuration.classNames.count, 1)
    let labels = Tensor((0..<5).map { Int32($0 % classes) }, shape: [5])
    let theirs = try tensor("pictures")
    let opinion = gan.classes(theirs).map { [("classes", $0)] } ?? []
    #expect(opinion.isEmpty == (preset != .can))
    for (name, found) in [
      ("pictures", pictures), ("verdicts", gan.verdicts(theirs, labels: labels)),
    ] + opinion {
      let values = try tensor(name)
      #expect(found.shape == values.shape)
      for (a, b) in zip(try found.floats(), try values.floats()) {
        #expect(abs(a - b) < 1e-3, "\(preset) \(name)")
      }
    }
    #expect(Set(try pictures.floats()).count > 100, "pictures, not one grey")
  }

  @Test(
    "shows averages with statistics of their own, puts the trained ones back bit for bit, and names pictures by the averages alone"
  )
  func calibration() throws {
    let run = TinyGAN(assignments: ["averageDecay=0.9"])
    let data = TrainingData(TinyGAN().pictures, batchSize: 4, seed: 0)
    let configuration = try run.configuration(data)
    let model = configuration.model.makeModel(seed: 1, optimizer: configuration.optimizer, on: .cpu)
    let gan = try #require(model as? TrainableGAN)
    let context = StepContext(step: 1, seed: 1, rate: 0.1, clip: nil)
    _ = gan.step(try data.training(1, on: .cpu), context)
    let running = gan.gan.generator.parameters.statistics
    func statistics() throws -> [[Float]] { try running.map { try $0.value.floats() } }
    let trained = try statistics()
    let (shown, name, pictures) = try gan.presenting {
      let found = try statistics()
      let name = try gan.parameterChecksum()
      return (found, name, try gan.samples(seeds: [1, 2], temperature: 1).floats())
    }
    #expect(shown != trained && shown.allSatisfy { $0.allSatisfy(\.isFinite) })
    #expect(try statistics() == trained)
    running[0].assign(running[0].value.scaled(by: 3))
    let again = try gan.presenting {
      (try gan.parameterChecksum(), try gan.samples(seeds: [1, 2], temperature: 1).floats())
    }
    #expect(again.0 == name && again.1 == pictures, "statistics gathered in training play no part")
  }

  @Test("resumes in the same bytes while the augmentation follows the critic, at any thread count")
  func augmentedResume() throws {
    try withTemporaryFolder { folder in
      var run = TinyGAN(preset: .r1, steps: 8)
      run.assignments = ["augmentation=0.5", "augmentationTarget=0.6", "criticSteps=2"]
      var strengths: [Double] = []
      let whole = try run.train(in: "\(folder)/whole") {
        guard case .step(let record) = $0 else { return }
        strengths += record.parts.filter { $0.name == "augmentation" }.map(\.value)
      }
      #expect(strengths.count == 8 && Set(strengths).count > 1)
      try run.train(in: "\(folder)/parts", stopAfter: 3)
      run.threads = 3
      let parts = try run.train(in: "\(folder)/parts", resume: .latest)
      try expectSameBytes(whole.checkpoint(8), parts.checkpoint(8))
    }
  }

  @Test(
    "draws the first steps, each twice as late as the last, then at its rhythm; and animates all")
  func timelapse() throws {
    try withTemporaryFolder { folder in
      let run = try TinyGAN(steps: 13, assignments: ["sampleEvery=5"]).train(in: "\(folder)/run")
      let steps = [1, 2, 4, 5, 10, 13]
      #expect(run.sheetSteps(.samples) == steps)
      let bytes = try Timelapse.encode(run)
      func sheet(_ step: Int) throws -> [UInt8] {
        try ByteSource(path: run.sheet(.samples, step)).readAll(limit: 1 << 20)
      }
      func picture(_ step: Int) throws -> Picture { try PNG.decode(sheet(step), file: "sheet") }
      let expected = AnimatedPNG.encode(
        try steps.map(picture), milliseconds: [200, 200, 200, 200, 200, 2000],
        texts: try PNG.texts(in: bytes, file: "timelapse"))
      #expect(bytes == expected)

      let other = PNG.encode(Picture(height: 3, width: 3, channels: 1, pixels: Array(0..<9)))
      try AtomicFile.write(other, to: run.sheet(.samples, 4))
      let message = try #require(
        #expect(throws: FileFormatError.self) { try Timelapse.encode(run) })
      #expect("\(message)".contains(run.sheet(.samples, 4)))
      let single = try TinyGAN(steps: 1).train(in: "\(folder)/single")
      #expect(throws: TrainingError.self) { try Timelapse.encode(single) }
    }
  }

  @Test(
    "learns a tiny set in seconds: blots of light on one side come out on that side",
    arguments: GANConfiguration.Preset.allCases, ["cpu"] + (openCL.map { [$0] } ?? []))
  func learns(preset: GANConfiguration.Preset, name: String) throws {
    try withTemporaryFolder { folder in
      let shape = PictureShape(height: 8, width: 8, channels: 1)
      // The even ones are light on the left, the odd ones, another class, on the right.
      let pixels = (0..<32).flatMap { example in
        (0..<64).map { place in
          let column = example % 2 == 0 ? place % 8 : 7 - place % 8
          return UInt8(column < 3 + example / 2 % 2 && place / 8 > 1 ? 230 : 10)
        }
      }
      let isConditional = preset == .conditional
      let data = TrainingData(
        PictureArray(
          name: "sides", shape: shape,
          pixels: isConditional || preset == .can
            ? pixels : (0..<32).flatMap { pixels[($0 & ~1) * 64..<(($0 & ~1) + 1) * 64] },
          labels: (0..<32).map { $0 % 2 }, classNames: ["left", "right"]),
        batchSize: 16, seed: 0)
      var gan = GANConfiguration(
        height: 8, width: 8, channels: 1, classNames: data.classNames, preset: preset)
      (gan.filters, gan.latentSize, gan.hidden) = (8, 4, [32, 32])
      let settings = try Settings(model: .gan(gan)).applying(["averageDecay=0.9"])
      let device = try Device.select(name).device
      let run = try TrainingRun(
        RunConfiguration(
          dataSource: "sides", dataIdentity: data.identity, model: settings.model,
          optimizer: settings.optimizer, schedule: .init(peak: 2e-3), batchSize: 16,
          steps: (isConditional ? 400 : 200) * gan.criticSteps, cadence: settings.cadence),
        data: data, in: folder,
        resume: nil, device: device)
      _ = try run.train(on: device)
      let model = try TrainedModel(run.folder, .latest, on: device)
      let made = try model.pictures(seeds: Array(0..<16))
      func mean(_ picture: Picture, _ columns: Range<Int>) -> Double {
        let places = (16..<64).filter { columns.contains($0 % 8) }
        return Double(places.reduce(0) { $0 + Int(picture.pixels[$1]) }) / Double(places.count)
      }
      // Light on the left and on the right, in the mean over pictures of one class or of the other.
      let sides = [0, 1].map { first in
        let pictures = stride(from: first, to: 16, by: 2).map { made[$0] }
        return [0..<3, 5..<8].map { columns in
          pictures.reduce(0) { $0 + mean($1, columns) } / Double(pictures.count)
        }
      }
      switch preset {
      // Of neither class for sure, but of some light.
      case .can:
        #expect(sides.joined().max()! > 40, "\(sides)")
        // As dark above as all training pictures, which no beginner's grey is.
        let above = made.flatMap { $0.pixels[..<16].map(Int.init) }
        #expect(above.reduce(0, +) < 60 * above.count)
      case .conditional:
        #expect(sides[0][0] > 150 && sides[0][1] < 70, "\(sides)")
        #expect(sides[1][1] > 150 && sides[1][0] < 70, "\(sides)")
      default: #expect(sides.allSatisfy { $0[0] > 150 && $0[1] < 70 }, "\(sides)")
      }
    }
  }

  @Test(
    "makes pictures of the class that is asked for, the same again from their recipe, and says which there are"
  )
  func classes() throws {
    try withTemporaryFolder { folder in
      let run = try TinyGAN(preset: .conditional, steps: 3).train(in: "\(folder)/run")
      let model = try TrainedModel(run, .latest, on: .cpu)
      #expect(model.classNames == ["circle", "square", "triangle", "ring", "cross"])
      func pictures(_ seeds: [Int], _ name: String?, _ temperature: Float = 1) throws -> [Picture] {
        try model.pictures(
          model.recipe(
            seeds: SeedList(seeds), className: name, temperature: temperature, columns: 2))
      }
      let (rings, inTurn) = (try pictures([0, 3], "ring"), try pictures([0, 3], nil))
      // Seed 3 is of the fourth class, a ring, anyway; seed 0 is not.
      #expect(rings[1] == inTurn[1] && rings[0] != inTurn[0])
      let cold = try pictures([0, 1, 2, 3, 4, 5], nil, 0)
      #expect(cold[0] == cold[5] && Set(cold).count == 5, "a class is as much at temperature 0")
      let error = #expect(throws: TrainingError.self) { try pictures([0], "rung") }
      #expect("\(try #require(error))" == "class 'rung': did you mean 'ring'?")

      let recipe = model.recipe(
        seeds: SeedList([0]), className: "ring", temperature: 1, columns: 1)
      let png = recipe.encode(try model.pictures(recipe)).png
      #expect(try SampleRecipe(readingFrom: png, file: "a.png") == recipe)
      #expect(try Remaking(png, file: "a.png", run: run.path).png(on: .cpu) == png)
    }
  }

  @Test("at temperature 0 every style is the mean of those of calibration, and pictures are one")
  func truncation() throws {
    try withTemporaryFolder { folder in
      let run = try TinyGAN(preset: .style, steps: 3).train(in: folder)
      let model = try TrainedModel(run, .latest, on: .cpu)
      let seeds = [0, 5, 9]
      let cold = try model.pictures(seeds: seeds, temperature: 0)
      #expect(Set(cold).count == 1)
      #expect(Set(try model.pictures(seeds: seeds)).count == 3)

      let checkpoint = try Checkpoint(path: run.checkpoint(3))
      let made = checkpoint.configuration.makeModel(
        seed: 0, optimizer: checkpoint.optimizer, on: .cpu)
      try checkpoint.restore(into: made)
      made.frozen { made.takeAverages() }
      let gan = try #require(made as? TrainableGAN)
      // 8 batches of 64, as many of the same seeds.
      let styles = gan.frozen {
        gan.gan.made(gan.latents(seeds: Array(0..<512), label: nil), .evaluation).styles
      }
      let mean = try #require(
        gan.gan.generator.parameters.statistics.first { $0.name == "mapping.meanStyle" })
      let expected = try styles.mean(axes: [0]).floats()
      for (a, b) in zip(try mean.value.floats(), expected) { #expect(abs(a - b) < 1e-4) }
      #expect(expected.contains { abs($0) > 1e-3 })
    }
  }

  @Test("without classes there is no conditional model, and idle ones are not kept")
  func idleClasses() throws {
    var gan = GANConfiguration(height: 8, width: 8, channels: 1, preset: .conditional)
    #expect(gan.problem!.contains("0 classes"))
    gan.classNames = ["a", "b"]
    #expect(gan.problem == nil && ModelConfiguration.gan(gan).withoutIdleClasses == .gan(gan))
    gan.isConditional = false
    var plain = gan
    plain.classNames = []
    #expect(ModelConfiguration.gan(gan).withoutIdleClasses == .gan(plain))
  }

  @Test("is by the papers' optimisers unless told otherwise, its pictures by an averaged generator")
  func defaults() throws {
    func optimizer(_ preset: GANConfiguration.Preset) -> OptimizerConfiguration {
      Settings(model: .gan(GANConfiguration(height: 8, width: 8, channels: 1, preset: preset)))
        .optimizer
    }
    for preset in [GANConfiguration.Preset.dcgan, .leastSquares] {
      #expect(optimizer(preset).beta1 == 0.5 && optimizer(preset).beta2 == 0.999)
    }
    #expect(optimizer(.style).beta1 == 0 && optimizer(.style).beta2 == 0.99)
    #expect(optimizer(.style).averageDecay == 0.995 && optimizer(.dcgan).averageDecay == 0.999)
    for preset in [GANConfiguration.Preset.hinge, .wganGP, .r1] {
      #expect(optimizer(preset).beta1 == 0 && optimizer(preset).beta2 == 0.9)
    }
    #expect(
      optimizer(.dcgan).averageDecay == 0.999 && optimizer(.dcgan).ofCritic.averageDecay == nil)
  }

  @Test("plans the memory of every kind of its steps")
  func memory() throws {
    let data = TrainingData(TinyGAN().pictures, batchSize: 4, seed: 0)
    var run = TinyGAN(preset: .wganGP)
    run.assignments = ["penaltyEvery=2"]
    let plain = try TinyGAN(preset: .dcgan).configuration(data).plannedMemory(data, on: .cpu)
    let planned = try run.configuration(data).plannedMemory(data, on: .cpu)
    #expect(planned > plain)
    let model = try run.configuration(data).model.makeModel(
      seed: 0, optimizer: .init(), on: Device.cpu.planningMemory())
    // Critic alone with a penalty and without, and with the generator both ways: 1, 2, 5, 10.
    #expect(model.rehearsal == [1, 2, 5, 10])
    let style = try [0, 1].map { weight in
      var run = TinyGAN(preset: .style)
      run.assignments = ["pathLength=\(weight)", "r1=0"]
      return try run.configuration(data).plannedMemory(data, on: .cpu)
    }
    #expect(style[1] > style[0], "a step with path lengths is the largest")
  }

  private static let openCL = Device.listings().first {
    $0.name != "cpu" && $0.reasonForSkipping == nil
  }?.name
}
