internal import CLAPACKE
internal import Glibc

/// The kernels of OpenBLAS: its matrix products for one kind of processor.
///
/// OpenBLAS chooses them when it is loaded. It takes those of 2004 ("Prescott") on a processor that
/// is newer than itself, and they are four to eight times slower. Only the environment variable
/// OPENBLAS_CORETYPE can change the choice, before the program starts. So the program starts itself
/// again.
public enum MatrixKernels {
  /// Kernels that the loaded OpenBLAS uses, by its own name for them, as in "Haswell".
  public static var name: String { String(cString: openblas_get_corename()) }

  /// Version of the loaded OpenBLAS, as in "OpenBLAS 0.3.21".
  public static var library: String {
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// Variable in which a user names kernels; `loaded` keeps those that OpenBLAS chooses.
  public static let choice = "AIRSHOWER_BLAS_KERNELS"
  /// Value of `choice` that keeps what OpenBLAS chooses.
  static let loaded = "loaded"
  static let openBLASChoice = "OPENBLAS_CORETYPE"
  /// Names the kernels for which this program started itself again.
  static let restarted = "AIRSHOWER_BLAS_RESTARTED"

  /// Starts the program again where OpenBLAS uses kernels older than the processor.
  ///
  /// Call it first of all in `main`: nothing that was done before is kept. Open files without
  /// close-on-exec, the arguments and the number of the process stay. It returns where there is
  /// nothing to gain, or where the user chose (OPENBLAS_CORETYPE or AIRSHOWER_BLAS_KERNELS). After
  /// the restart a product of small matrices is compared with plain sums. Where they differ, the
  /// program starts once more, with the kernels that OpenBLAS had chosen.
  public static func restartWithBest() {
    let environment = Environment.ofThisProcess
    switch step(name, instructions: clapacke_instructions(), environment) {
    case .stay:
      if let choice = environment.choice, environment.restarted == choice, choice != name {
        let text =
          "airshower: \(choice), of \(Self.choice), is no choice for \(library): "
          + "it uses \(name)\n"
        text.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
      }
      return
    case .confirm:
      if multipliesRightly() { return }
      unsetenv(openBLASChoice)
      setenv(choice, loaded, 1)
    case .restart(let kernels):
      setenv(openBLASChoice, kernels, 1)
      setenv(restarted, kernels, 1)
    }
    // By its real name, which `ps` shows.
    guard let program = realpath("/proc/self/exe", nil) else { return }
    execv(program, CommandLine.unsafeArgv)
    free(program)
  }

  /// What is to be done at the start of the program.
  enum Step: Equatable {
    case stay
    /// The kernels that were chosen at the last start are to be tried.
    case confirm
    case restart(String)
  }

  /// What the environment says about kernels.
  struct Environment {
    var choice: String?
    var openBLAS: String?
    var restarted: String?
  }

  /// - Parameters:
  ///   - loaded: kernels in use.
  ///   - instructions: what the processor can compute, as `clapacke_instructions` says.
  ///   - environment: what the user chose, or this program at an earlier start.
  /// - Returns: whether to restart.
  static func step(_ loaded: String, instructions: Int32, _ environment: Environment) -> Step {
    if let restarted = environment.restarted, restarted == environment.openBLAS {
      return environment.choice == nil ? .confirm : .stay
    }
    guard environment.openBLAS == nil else { return .stay }
    if let choice = environment.choice {
      return [Self.loaded, loaded].contains(choice) ? .stay : .restart(choice)
    }
    guard let used = level(of: loaded), used < instructions,
      let best = kernels(for: instructions)
    else { return .stay }
    return .restart(best)
  }

  /// What kernels compute with, in the numbers of `clapacke_instructions`; nil for unknown ones.
  static func level(of kernels: String) -> Int32? {
    switch kernels {
    case "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Core2", "Penryn", "Dunnington",
      "Nehalem", "Atom", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano":
      0
    case "Sandybridge", "Bulldozer", "Piledriver", "Steamroller": 1
    case "Haswell", "Excavator", "Zen": 2
    case "SkylakeX", "Cooperlake", "SapphireRapids": 3
    default: nil
    }
  }

  /// The kernels that every OpenBLAS since 0.3.10 has for such a processor.
  private static func kernels(for instructions: Int32) -> String? {
    switch instructions {
    case 1: "Sandybridge"
    case 2: "Haswell"
    case 3: "SkylakeX"
    default: nil
    }
  }

  /// Whether a product of matrices with odd sizes is that of plain sums.
  static func multipliesRightly() -> Bool {
    let (rows, inner, columns) = (67, 93, 51)
    // Small whole numbers: the products are exact in any order.
    let a = (0..<rows * inner).map { Float($0 * 7 % 13 - 6) }
    let b = (0..<inner * columns).map { Float($0 * 5 % 11 - 5) }
    var product = [Float](repeating: .nan, count: rows * columns)
    multiply(a, b, into: &product, rows: rows, inner: inner, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<inner).reduce(Float(0)) {
          $0 + a[row * inner + $1] * b[$1 * columns + column]
        }
        guard product[row * columns + column] == sum else { return false }
      }
    }
    return true
  }
}

extension MatrixKernels.Environment {
  fileprivate static var ofThisProcess: Self {
    func value(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    return Self(
      choice: value(MatrixKernels.choice), openBLAS: value(MatrixKernels.openBLASChoice),
      restarted: value(MatrixKernels.restarted))
  }
}
