/// Keys are the names of the properties; every key may be left out.
extension SimulationConfiguration: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case minimumLogEnergy
    case maximumLogEnergy
    case spectralIndex
    case primaryWeights
    case maximumZenith
    case interactionModel
    case coreArea
    case photonPreshower
    case muonScaleFactor
    case muonDepthCorrelation
    case hadronicFractionOffset
    case timeScale
    case frontScatter
    case neutronRate
    case bothLayersFraction
    case photoElectronsPerMeV
    case photoElectronSpread
    case countsPerMeV
    case gainSpread
    case calibrationError
    case pedestal
    case pedestalSpread
    case noise
    case timeJitter
    case deadFraction
    case backgroundMuonRate
    case backgroundSingleRate
    case windowSamples
    case recordHalfWidth
  }

  public init(from decoder: any Decoder) throws {
    let known = Set(CodingKeys.allCases.map(\.rawValue))
    for key in try decoder.container(keyedBy: Key.self).allKeys
    where !known.contains(key.stringValue) {
      throw SimulationConfigurationError(description: "unknown key \(key.stringValue)")
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    self.init()
    try read(&minimumLogEnergy, .minimumLogEnergy)
    try read(&maximumLogEnergy, .maximumLogEnergy)
    try read(&spectralIndex, .spectralIndex)
    try read(&primaryWeights, .primaryWeights)
    try read(&maximumZenith, .maximumZenith)
    try read(&interactionModel, .interactionModel)
    try read(&coreArea, .coreArea)
    try read(&photonPreshower, .photonPreshower)
    try read(&muonScaleFactor, .muonScaleFactor)
    try read(&muonDepthCorrelation, .muonDepthCorrelation)
    try read(&hadronicFractionOffset, .hadronicFractionOffset)
    try read(&timeScale, .timeScale)
    try read(&frontScatter, .frontScatter)
    try read(&neutronRate, .neutronRate)
    try read(&bothLayersFraction, .bothLayersFraction)
    try read(&photoElectronsPerMeV, .photoElectronsPerMeV)
    try read(&photoElectronSpread, .photoElectronSpread)
    try read(&countsPerMeV, .countsPerMeV)
    try read(&gainSpread, .gainSpread)
    try read(&calibrationError, .calibrationError)
    try read(&pedestal, .pedestal)
    try read(&pedestalSpread, .pedestalSpread)
    try read(&noise, .noise)
    try read(&timeJitter, .timeJitter)
    try read(&deadFraction, .deadFraction)
    try read(&backgroundMuonRate, .backgroundMuonRate)
    try read(&backgroundSingleRate, .backgroundSingleRate)
    try read(&windowSamples, .windowSamples)
    try read(&recordHalfWidth, .recordHalfWidth)
    try validate()
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(minimumLogEnergy, forKey: .minimumLogEnergy)
    try container.encode(maximumLogEnergy, forKey: .maximumLogEnergy)
    try container.encode(spectralIndex, forKey: .spectralIndex)
    try container.encode(primaryWeights, forKey: .primaryWeights)
    try container.encode(maximumZenith, forKey: .maximumZenith)
    try container.encode(interactionModel, forKey: .interactionModel)
    try container.encode(coreArea, forKey: .coreArea)
    try container.encode(photonPreshower, forKey: .photonPreshower)
    try container.encode(muonScaleFactor, forKey: .muonScaleFactor)
    try container.encode(muonDepthCorrelation, forKey: .muonDepthCorrelation)
    try container.encode(hadronicFractionOffset, forKey: .hadronicFractionOffset)
    try container.encode(timeScale, forKey: .timeScale)
    try container.encode(frontScatter, forKey: .frontScatter)
    try container.encode(neutronRate, forKey: .neutronRate)
    try container.encode(bothLayersFraction, forKey: .bothLayersFraction)
    try container.encode(photoElectronsPerMeV, forKey: .photoElectronsPerMeV)
    try container.encode(photoElectronSpread, forKey: .photoElectronSpread)
    try container.encode(countsPerMeV, forKey: .countsPerMeV)
    try container.encode(gainSpread, forKey: .gainSpread)
    try container.encode(calibrationError, forKey: .calibrationError)
    try container.encode(pedestal, forKey: .pedestal)
    try container.encode(pedestalSpread, forKey: .pedestalSpread)
    try container.encode(noise, forKey: .noise)
    try container.encode(timeJitter, forKey: .timeJitter)
    try container.encode(deadFraction, forKey: .deadFraction)
    try container.encode(backgroundMuonRate, forKey: .backgroundMuonRate)
    try container.encode(backgroundSingleRate, forKey: .backgroundSingleRate)
    try container.encode(windowSamples, forKey: .windowSamples)
    try container.encode(recordHalfWidth, forKey: .recordHalfWidth)
  }
}
