internal import Foundation
internal import ShowerModel

/// The learning curve that `airshower train --history` wrote.
package struct TrainingHistory: Sendable, Equatable {
  package let name: String
  let epochs: [Double]
  let trainingLoss: [Double]
  let validationLoss: [Double]
  /// Empty where the file has none.
  let learningRate: [Double]

  /// Why a file cannot be read as a learning curve.
  package struct Unusable: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Reads columns `epoch`, `training_loss`, `validation_loss` and perhaps `learning_rate`, in any
  /// order. Other columns are ignored.
  ///
  /// - Throws: `Unusable` with file and line.
  package init(parsing text: String, file: String) throws(Unusable) {
    let lines = text.lines.filter { !$0.isEmpty }.map { line in
      line.fields.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let header = lines.first ?? []
    func column(_ name: String) throws(Unusable) -> [Double] {
      guard let place = header.firstIndex(of: name) else {
        throw Unusable(description: "\(file): has no column \(name)")
      }
      var values: [Double] = []
      for (number, line) in lines.enumerated().dropFirst() {
        guard line.indices.contains(place), let value = Double(line[place]) else {
          throw Unusable(description: "\(file): line \(number + 1) has no number for \(name)")
        }
        values.append(value)
      }
      return values
    }
    name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    epochs = try column("epoch")
    trainingLoss = try column("training_loss")
    validationLoss = try column("validation_loss")
    learningRate = header.contains("learning_rate") ? try column("learning_rate") : []
    guard !epochs.isEmpty else { throw Unusable(description: "\(file): has no epochs") }
  }

  /// Place of the epoch with the least loss on the validation split.
  var best: Int {
    validationLoss.indices.filter { validationLoss[$0].isFinite }.min {
      validationLoss[$0] < validationLoss[$1]
    } ?? 0
  }
}

extension TrainingHistory {
  /// Losses and learning rate against the epoch.
  func figure(number: Int) -> Figure {
    let rows = epochs.indices.map { place in
      [
        epochs[place], trainingLoss[place], validationLoss[place],
        learningRate.isEmpty ? .nan : learningRate[place],
      ]
    }
    let losses = (trainingLoss + validationLoss).filter(\.isFinite)
    let (low, high) = (losses.min() ?? 0, losses.max() ?? 1)
    let margin = 0.08 * max(high - low, 1e-9)
    let largestRate = learningRate.max() ?? 1
    let rateText = text(largestRate, decimals: significantDecimals(largestRate) - 1)
    let hasRate = learningRate.contains { $0 > 0 }
    let rate =
      hasRate
      ? """
      set tmargin at screen 0.29
      set bmargin at screen 0.13
      set format x '%g'
      set xlabel 'epoch'
      set ylabel 'learning rate'
      set yrange [0:\(rounded(1.1 * largestRate))]
      set ytics ("0" 0, "\(rateText)" \(largestRate))
      plot DATA index "history" using 1:4 with linespoints lc rgb "#666666" pt 7 ps 0.4 lw 1.2 \
      notitle
      """ : ""
    return Figure(
      name: "training_\(number)", title: "Training of \(name)",
      caption: """
        Loss against the epoch, on the training split (with weights as they change and with \
        dropout) and on the validation split. The circle is the epoch with the least validation \
        loss, \(shortText(epochs[best])). Its weights are kept. For the mean square error of \
        standardised targets, a loss of 1 means no correction.\
        \(hasRate ? " Below: the learning rate." : "")
        """, width: 760, height: 480,
      commands: """
        set multiplot
        set lmargin at screen 0.12
        set rmargin at screen 0.98
        set xrange [\(rounded((epochs.first ?? 0) - 0.5)):\(rounded((epochs.last ?? 1) + 0.5))]
        set tmargin at screen 0.96
        set bmargin at screen \(hasRate ? 0.34 : 0.13)
        set yrange [\(rounded(low - margin)):\(rounded(high + 3.5 * margin))]
        set ylabel 'loss'
        \(hasRate ? "set format x ''" : "set xlabel 'epoch'")
        plot 1 with lines lc rgb "#888888" lw 1 dt 2 notitle, \\
          DATA index "history" using 1:2 with linespoints lc rgb standard pt 5 ps 0.5 lw 1.6 title \
        'training', \\
          DATA index "history" using 1:3 with linespoints lc rgb corrected pt 7 ps 0.5 lw 1.6 \
        title 'validation', \\
          DATA index "best" using 1:2 with points lc rgb corrected pt 6 ps 2 lw 2 notitle
        \(rate)
        unset multiplot
        """,
      tables: [
        Figure.Table(
          name: "history", columns: "epoch, training loss, validation loss, learning rate",
          rows: rows),
        Figure.Table(
          name: "best", columns: "epoch, validation loss",
          rows: [[epochs[best], validationLoss[best]]]),
      ])
  }
}
