import Testing

@testable import Training

/// The words that people read; a change here is a change of the product.
@Suite struct SentenceTests {
  static let cases: [(TrainingError, String)] = [
    (
      .unknownSetting("latentsize", model: "vae", known: ["latentSize", "beta"]),
      "--set latentsize: the vae has no such key; did you mean 'latentSize'? It has latentSize, beta"
    ),
    (
      .notAnAssignment("beta"), "--set 'beta': expected key=value, such as latentSize=32"
    ),
    (
      .wrongSetting("beta", value: "x", expected: "a number"),
      "--set beta: expected a number, found 'x'"
    ),
    (
      .impossible("latentSize 0, expected at least 1"),
      "no model can be made from these settings: latentSize 0, expected at least 1"
    ),
    (
      .folderNotEmpty("runs/a"),
      "runs/a: expected a new or empty folder, found files in it; go on with that run by --resume latest, or name another folder by --out"
    ),
    (
      .notARun("a"),
      "a: expected a run of this program (its config.json, or else its checkpoints), found none; check the path, or name a new folder"
    ),
    (
      .folderInUse("a"),
      "a: another process is training in this folder; wait for it, or name another folder by --out"
    ),
    (
      .notTheNewest(checkpoint: "a/2", newest: "a/4"),
      "a/2: expected the run's newest checkpoint, which is a/4; use --resume latest, or start from this one in another folder by --out"
    ),
    (
      .changedOptions(
        [
          .init(option: "--batch", before: "128", now: "64"),
          .init(option: "--set clip", before: nil, now: "1"),
        ], checkpoint: "a"),
      "a: expected a checkpoint of this model and training, found it made with --batch 128 (now 64), --set clip unset (now 1); repeat the options of its run, or start a new one by --out"
    ),
    (
      .alreadyFurther(checkpoint: "a", step: 8, asked: 2),
      "a: expected a checkpoint before step 2, found step 8; ask for more --steps or --epochs"
    ),
    (
      .unusedSetting("momentum", chosen: "adam", users: ["sgd"]),
      "--set momentum: the optimizer adam does not use it; leave it out, or add --set optimizer=sgd"
    ),
    (
      .unusedSetting("beta1", chosen: "sgd", users: ["adam", "adamw"]),
      "--set beta1: the optimizer sgd does not use it; leave it out, or add --set optimizer=adam or adamw"
    ),
    (
      .lostOrigin(run: "a", step: 60),
      "a: expected the checkpoint of step 60 that this run goes on from, or a later one, found none; take the run up again by --resume in a new folder"
    ),
    (
      .noCheckpoint(run: "a", damaged: []),
      "a: expected a checkpoint in a/checkpoints, found none; train first, or name another run"
    ),
    (
      .missingStep(5, run: "a", found: [2, 4]),
      "a: expected a checkpoint of step 5, found steps 2, 4; choose one of them, or train with --set keep=0 to keep all"
    ),
    (
      .notACheckpoint("a", found: "format 'pt'"),
      "a: expected a checkpoint of this program (atelier-checkpoint/1), found format 'pt'; check that this is the file you meant"
    ),
    (
      .wrongContent("a", expected: "array 'w' of float32 [2]", found: "none"),
      "a: expected array 'w' of float32 [2], found none; the file belongs to another model or version"
    ),
    (
      .diverged(step: 7, what: "the loss became NaN", lastGood: "a/5"),
      "step 7: the loss became NaN; the last good checkpoint is a/5; try a lower --rate, a --warm-up, or --set clip=1"
    ),
    (
      .diverged(step: 1, what: "the loss became inf", lastGood: nil),
      "step 1: the loss became inf; there is no checkpoint yet; try a lower --rate, a --warm-up, or --set clip=1"
    ),
    (
      .noRecipe("a.png"),
      "a.png: expected a PNG with a recipe of this program inside, found none; pictures that were edited or converted lose it"
    ),
    (
      .wrongRecipe("a.png", expected: "seeds", found: "3"),
      "a.png: its recipe has 3 where seeds was expected; it may come from another version of this program"
    ),
    (
      .runNotFound(picture: "a.png", run: "r"),
      "a.png: the run 'r' that made it was not found beside the picture or in runs; say where it is by --run DIR"
    ),
    (
      .otherParameters(picture: "a.png", checkpoint: "c", expected: "1", found: "2"),
      "a.png: expected the parameters with checksum 1, found 2 in c; name the run that made the picture by --run DIR"
    ),
  ]

  @Test("a NaN has no sign, an infinity has")
  func notFinite() {
    for value in [Double.nan, -Double.nan] {
      #expect(TrainingError.became("the loss", value) == "the loss became NaN")
    }
    #expect(TrainingError.became("the loss", -.infinity) == "the loss became -inf")
  }

  @Test("every error is one sentence with place, expected, found and advice", arguments: cases)
  func sentences(error: TrainingError, sentence: String) {
    #expect(error.description == sentence)
  }
}
