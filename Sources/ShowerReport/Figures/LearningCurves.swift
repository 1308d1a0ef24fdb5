internal import Performance
internal import ShowerModel

/// Learning curves of a training: losses above on a logarithmic scale, explained variance below.
package struct LearningCurves: Sendable {
  package struct Epoch: Sendable {
    package var trainingLoss: Double
    package var validationLoss: Double
    /// By target.
    package var explainedVariance: [Double]

    package init(trainingLoss: Double, validationLoss: Double, explainedVariance: [Double]) {
      self.trainingLoss = trainingLoss
      self.validationLoss = validationLoss
      self.explainedVariance = explainedVariance
    }
  }

  package var network: String
  package var targets: [String]
  /// What the loss is.
  package var lossName: String
  package var epochs: [Epoch]

  package init(network: String, targets: [String], lossName: String, epochs: [Epoch]) {
    self.network = network
    self.targets = targets
    self.lossName = lossName
    self.epochs = epochs
  }

  func figure(name: String) -> Figure {
    let isLogarithmic = epochs.allSatisfy { $0.trainingLoss > 0 && $0.validationLoss > 0 }
    let variances = targets.enumerated().map { index, target in
      "DATA index \"variance\" using 1:\(index + 2) with linespoints pt 7 ps 0.5 lw 2 title "
        + EscapedText.gnuplot(target)
    }
    let commands = """
      set multiplot title \(EscapedText.gnuplot("Learning of the network \(network)"))
      set lmargin at screen 0.1
      set rmargin at screen 0.76
      set tmargin at screen 0.93
      set bmargin at screen 0.54
      set xrange [0.5:\(max(epochs.count, 1)).5]
      set xtics \(max(1, epochs.count / 10))
      set format x ''
      set key outside right top
      \(isLogarithmic ? "set logscale y" : "")
      set ylabel \(EscapedText.gnuplot(lossName))
      plot DATA index "loss" using 1:2 with linespoints pt 7 ps 0.5 lw 2 lc rgb standard \
      title "training", DATA index "loss" using 1:3 with linespoints pt 7 ps 0.5 lw 2 \
      lc rgb corrected title "validation"
      set tmargin at screen 0.48
      set bmargin at screen 0.09
      unset logscale y
      set yrange [-0.1:1]
      set format x '%g'
      set xlabel "epoch"
      set ylabel "explained variance, validation"
      plot \(variances.joined(separator: ", "))
      unset multiplot
      """
    return Figure(
      name: name, title: "Learning of the network \(network)",
      caption:
        "Above: loss (\(lossName)) of the standardised targets, in training (with the weights as "
        + "they changed) and on the validation split after each epoch. Below: fraction of the "
        + "variance of each target that the network explains on the validation split.",
      width: 900, height: 760, commands: commands,
      tables: [
        .init(
          name: "loss", columns: "epoch training validation",
          rows: epochs.enumerated().map {
            [Double($0 + 1), $1.trainingLoss, $1.validationLoss]
          }),
        .init(
          name: "variance", columns: (["epoch"] + targets).joined(separator: " "),
          rows: epochs.enumerated().map { [Double($0 + 1)] + $1.explainedVariance }),
      ])
  }
}
