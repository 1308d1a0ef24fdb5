import Glibc
import ShowerModel

/// Errors and branches of every station, fixed during one pass.
///
/// A switch inside a pass would make chi2 discontinuous.
struct FrozenErrors: Equatable {
  /// sigma_t [ns].
  var time: [Double]
  /// sigma_S [VEM/m2].
  var signal: [Double]
  /// Expected signal at or below 4 VEM/m2: Poisson term.
  var isPoisson: [Bool]
}

extension FrozenErrors {
  /// Errors and branches at given parameters.
  ///
  /// `sigma_S^2 = 2 S/A + (0.15 S)^2`, S measured, A = 3 m2 (1/A^2 for S < 0.1).
  /// `sigma_t^2 = (30 ns)^2 + ts^2`, `ts = 0.377 ns a_L (1 + rc/30 m)^1.5 S(rc)^-0.3`, rc = max(r, 150 m),
  /// with a_L held to 0.3 ... 3 of its mean. Source: INR chain of the Telescope Array.
  init(
    at parameters: JointParameters, stations: [FitStation], configuration: FitConfiguration
  ) {
    let point = ModelPoint(parameters)
    let zenith = parameters.direction.zenith
    let mean = 1.3 * ShowerFront.meanCurvature(zenith: zenith)
    let linsley = min(
      max(
        parameters.curvature * exp(0.5 * point.logSignal800)
          / ShowerFront.linsleyUnit, 0.3 * mean), 3 * mean)
    let axis = parameters.showerAxis
    time = []
    signal = []
    isPoisson = []
    for station in stations {
      let r = axis.distance(of: station.position)
      let model = StationModel(
        station.position, point, configuration.lateralDistribution, configuration.front,
        softening: configuration.coreSoftening, needsTime: false)
      if station.hasTime {
        let rc = max(r, 150)
        let ldf = configuration.lateralDistribution.value(rc, point.n.z)
        let density = exp(point.logSignal800 + ldf.logarithm)
        let scatter = 0.377 * linsley * pow(1 + rc / 30, 1.5) * pow(density, -0.3)
        time.append(hypot(configuration.timeResolution, scatter))
      } else {
        time.append(.nan)
      }
      let s = station.signal
      let area = Units.stationArea
      signal.append(s < 0.1 ? 1 / area : (2 * s / area + 0.0225 * s * s).squareRoot())
      isPoisson.append(model.signal <= 4)
    }
  }
}
