extension Shower {
  /// Columns that truth and every reconstruction share, with energies on a scale.
  public static func columns(on scale: EnergyScale = .simulation) -> [Column<Shower>] {
    [
      Column("log_energy", unit: "log10(E/eV)", "Energy, \(scale.explanation)", \.logEnergy),
      Column("zenith", unit: "rad", "Zenith angle of the direction to the source", \.zenith),
      Column(
        "azimuth", unit: "rad",
        "Azimuth of the direction to the source, counter-clockwise from east",
        \.azimuth),
      Column("core_x", unit: "m", "Core on the plane z = 0 of the array, east", \.coreX),
      Column("core_y", unit: "m", "Core on the plane z = 0 of the array, north", \.coreY),
      Column(
        "time", unit: "ns", "Time of the plane front at the core, on the event's clock", \.time),
    ]
  }
}

extension Truth {
  /// Columns of /truth.
  public static var columns: [Column<Truth>] {
    Shower.columns().map { $0.lifted(\.shower) } + [
      Column(
        "primary", unit: "1", "Mass number of the primary, 0 for a photon",
        storage: .enumeration(
          Dictionary(uniqueKeysWithValues: Primary.allCases.map { ($0.rawValue, $0.symbol) })),
        get: { Double($0.primary.rawValue) },
        set: { $0.primary = Primary(rawValue: Int($1)) ?? .proton }),
      Column("xmax", unit: "g/cm2", "Slant depth of the shower maximum", \.xmax),
      Column(
        "muon_scale", unit: "1", "Muon number over that of a mean QGSJETII-03 proton, R_mu",
        \.muonScale),
      Column(
        "signal800", unit: "VEM/m2",
        "Mean signal of stations 800 m from the axis, over azimuths around it, true S800",
        \.signal800
      ).since(minorVersion: 1),
      Column(
        "muon_xmax", unit: "g/cm2", "Slant depth of the maximum of muon production, Xmax_mu",
        \.muonMaximum
      ).since(minorVersion: 2),
      Column(
        "delay_scale", unit: "1",
        "Delays of electromagnetic particles over those of a mean shower", \.delayScale
      ).since(minorVersion: 2),
      Column(
        "parametric_radius", unit: "m",
        "Axis distance within which signals come from the parametric model; "
          + "infinite for its own showers",
        \.parametricRadius
      ).since(minorVersion: 3).orInfinite(),
    ]
  }
}

extension Reconstruction {
  /// Columns that every group under /reconstruction has, with energies on a scale.
  public static func columns(on scale: EnergyScale = .simulation) -> [Column<Reconstruction>] {
    Shower.columns(on: scale).map { $0.lifted(\.shower) }
      + Shower.columns(on: scale).map {
        $0.lifted(\.sigma, suffix: "_sigma", describedAs: { "Standard deviation of: \($0)" })
      }
      + [
        Column(
          "status", unit: "1", "0 is a good result, else the reason of failure",
          storage: .enumeration(
            Dictionary(
              uniqueKeysWithValues: ReconstructionStatus.allCases.map { ($0.rawValue, $0.name) })),
          get: { Double($0.status.rawValue) },
          set: { $0.status = ReconstructionStatus(rawValue: Int($1)) ?? .unphysical })
      ]
  }

  /// Columns of the groups under /reconstruction that correct the standard one.
  public static func correctionColumns(
    on scale: EnergyScale = .simulation
  ) -> [Column<Reconstruction>] {
    columns(on: scale) + [
      Column(
        "fallback", unit: "1", "Whether the standard value was kept, and why",
        storage: .enumeration(
          Dictionary(
            uniqueKeysWithValues: CorrectionFallback.allCases.map { ($0.rawValue, $0.name) })),
        get: { Double($0.fallback.rawValue) },
        set: { $0.fallback = CorrectionFallback(rawValue: Int($1)) ?? CorrectionFallback.none }
      ).since(minorVersion: 3)
    ]
  }
}

extension StandardResult {
  /// Columns of /reconstruction/standard, without the covariance matrix, with energies on a scale.
  public static func columns(on scale: EnergyScale = .simulation) -> [Column<StandardResult>] {
    Reconstruction.columns(on: scale).map { $0.lifted(\.reconstruction) } + [
      Column("signal800", unit: "VEM/m2", "Signal at 800 m from the axis, S800", \.signal800),
      Column("signal800_sigma", unit: "VEM/m2", "Standard deviation of S800", \.signal800Sigma),
      Column("curvature", unit: "ns", "Front curvature a", \.curvature),
      Column(
        "curvature_sigma", unit: "ns", "Standard deviation of a, 0 where a was fixed",
        \.curvatureSigma),
      Column(
        "direction_sigma", unit: "rad",
        "Uncertainty of the direction, sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2)",
        \.directionSigma),
      Column("chi2_time", unit: "1", "chi2 of the timing terms", \.chi2Time),
      Column("chi2_signal", unit: "1", "chi2 of the signal terms", \.chi2Signal),
      Column("chi2_silent", unit: "1", "chi2 of the silent stations", \.chi2Silent),
      Column(
        "ndf", unit: "1", "Degrees of freedom, a silent station counts 0.1", \.degreesOfFreedom),
      Column("station_count", "Stations with a timing term", \.stationCount),
      Column("saturated_count", "Saturated stations in the cluster", \.saturatedCount),
      Column("bad_timing_count", "Stations used for their signal only", \.badTimingCount),
      Column("silent_count", "Silent stations in the fit", \.silentCount),
      Column("passes", "Passes of the fit", \.passes),
      Column("iterations", "Levenberg-Marquardt iterations of the last pass", \.iterations),
      Column(
        "flags", unit: "1",
        "Bit field: "
          + FitFlags.names.map { "\($0.rawValue)=\($1)" }.joined(separator: ", "),
        storage: .int32, get: { Double($0.flags.rawValue) },
        set: { $0.flags = FitFlags(rawValue: Int($1)) }),
      Column(
        "edge_distance", unit: "m",
        "Distance of the core inside the edge of the array, negative outside", \.edgeDistance
      ).since(minorVersion: 1),
      Column(
        "cut", unit: "1",
        "Verdict of the quality cuts in SELECTION: 0 = passed, 1 = no cuts applied, "
          + "2 = no good standard result, from 3 on = the first cut that failed",
        storage: .enumeration(
          Dictionary(uniqueKeysWithValues: CutVerdict.all.map { ($0.code, $0.name) })),
        get: { Double($0.verdict.code) },
        set: { $0.verdict = CutVerdict(code: Int($1)) ?? .unjudged }
      ).since(minorVersion: 1),
      // Stored for the reader's convenience, and on the way back made of their parts again.
      Column(
        "linsley_curvature", unit: "1",
        "Curvature in the normalisation of AGASA and Linsley, a_L = a sqrt(S800) / 0.67 ns",
        get: { $0.linsleyCurvature }, set: { _, _ in }
      ).since(minorVersion: 1),
      Column(
        "reduced_chi2", unit: "1",
        "chi2 / ndf of the joint fit, NaN without degrees of freedom; of separate fits, the larger "
          + "one",
        get: { $0.reducedChi2 }, set: { _, _ in }
      ).since(minorVersion: 1),
    ] + CompositionQuantities.columns.map { $0.lifted(\.composition) }
  }
}

extension CompositionQuantities {
  /// Those of the columns of /reconstruction/standard that tell of the primary; NaN without a fit.
  public static var columns: [Column<CompositionQuantities>] {
    [
      Column(
        "signal_moment_3", unit: "VEM/m2", "S_3 = sum S_i (r_i / 1000 m)^3", storage: .float32,
        \.signalMoment3),
      Column(
        "signal_moment_4", unit: "VEM/m2", "S_4 = sum S_i (r_i / 1000 m)^4", storage: .float32,
        \.signalMoment4),
      Column(
        "area_over_peak_1200", unit: "ns", "Area over peak of the traces at 1200 m from the axis",
        storage: .float32, \.areaOverPeak1200),
      Column(
        "area_over_peak_slope", unit: "ns/m", "Change of area over peak with the axis distance",
        storage: .float32, \.areaOverPeakSlope),
      Column(
        "peak_count", unit: "1", "Peaks above 0.2 VEM in the traces of both layers",
        storage: .float32, \.peakCount),
      Column(
        "peak_count_largest", unit: "1", "Peaks in the unsaturated station of the largest signal",
        storage: .float32, \.largestStationPeakCount),
      Column(
        "peak_count_one_layer", unit: "1", "Peaks that one of the layers has alone",
        storage: .float32, \.oneLayerPeakCount),
      Column(
        "layer_asymmetry", unit: "1", "sum |upper - lower| / sum (upper + lower) of the signals",
        storage: .float32, \.layerAsymmetry),
      Column(
        "signal_sum", unit: "VEM/m2", "Sum of the signals of the cluster", storage: .float32,
        \.signalSum),
      Column(
        "signal_largest", unit: "VEM/m2", "Largest signal of the cluster", storage: .float32,
        \.largestSignal),
    ].map { $0.since(minorVersion: 1) }
  }
}

extension StationSignal {
  /// Columns of /stations without the station, which is stored as its id.
  public static var columns: [Column<StationSignal>] {
    [
      Column(
        "time", unit: "ns", "Leading edge, mean of the layers, on the event's clock",
        \.time),
      Column(
        "time_error", unit: "ns", "Uncertainty of the leading edge", storage: .float32,
        \.timeError),
      Column(
        "signal_upper", unit: "VEM", "Integrated signal of the upper layer, NaN where it is bad",
        storage: .float32, \.upper),
      Column(
        "signal_lower", unit: "VEM", "Integrated signal of the lower layer, NaN where it is bad",
        storage: .float32, \.lower),
      Column(
        "bad_layers", unit: "1",
        "Layers that the monitoring has excluded, whose signal was not used: "
          + "bit 0 upper, bit 1 lower",
        storage: .uint8, get: { Double($0.badLayers.rawValue) },
        set: { $0.badLayers = LayerSet(rawValue: UInt8($1)).intersection(.both) }
      ).since(minorVersion: 2),
      Column(
        "window_count", unit: "1", "Readout windows merged into the signal", storage: .uint8,
        \.windowCount),
      Column(
        "saturated", unit: "1", "1 where the electronics saturated", storage: .uint8,
        get: { $0.isSaturated ? 1 : 0 }, set: { $0.isSaturated = $1 != 0 }),
      Column(
        "level", unit: "1", "How far the station came in the selection; 4 and 5 count as stations",
        storage: .enumeration(
          Dictionary(uniqueKeysWithValues: SelectionLevel.allCases.map { ($0.rawValue, $0.name) })),
        get: { Double($0.level.rawValue) },
        set: { $0.level = SelectionLevel(rawValue: Int($1)) ?? .outside }
      ).since(minorVersion: 1),
      Column(
        "role", unit: "1", "Part of the station in the fit",
        storage: .enumeration(
          Dictionary(uniqueKeysWithValues: StationRole.allCases.map { ($0.rawValue, $0.name) })),
        get: { Double($0.role.rawValue) },
        set: { $0.role = StationRole(rawValue: Int($1)) ?? .excluded }),
      Column(
        "signal_term", unit: "1", "Term of the signal in chi2",
        storage: .enumeration(
          Dictionary(uniqueKeysWithValues: SignalTerm.allCases.map { ($0.rawValue, $0.name) })),
        get: { Double($0.signalTerm.rawValue) },
        set: { $0.signalTerm = SignalTerm(rawValue: Int($1)) ?? .none }
      ).since(minorVersion: 1),
      Column(
        "time_sigma", unit: "ns", "Error of the time in the last pass of the fit",
        storage: .float32, \.timeSigma
      ).since(minorVersion: 1),
      Column(
        "signal_sigma", unit: "VEM/m2", "Error of the signal in the last pass of the fit",
        storage: .float32, \.signalSigma
      ).since(minorVersion: 1),
      Column(
        "time_pull", unit: "1", "Studentised residual of the time", storage: .float32, \.timePull
      ).since(minorVersion: 1),
      Column(
        "signal_pull", unit: "1", "Studentised residual of the signal", storage: .float32,
        \.signalPull
      ).since(minorVersion: 1),
      Column(
        "time_residual", unit: "ns", "Time minus fitted front time", storage: .float32,
        \.timeResidual),
      Column(
        "expected_signal", unit: "VEM/m2", "Fitted lateral distribution at the station",
        storage: .float32, \.expectedSignal),
    ]
  }
}
