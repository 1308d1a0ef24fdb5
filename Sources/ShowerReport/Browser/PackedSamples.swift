internal import Foundation

/// Samples of a waveform as text: differences as variable-length integers, in base 64.
///
/// A difference d is stored as `(d << 1) ^ (d >> 63)`, seven bits a byte, the lowest first; the
/// eighth bit says that more follow. Noise of a few counts takes a byte a sample.
func packed(_ samples: [UInt16]) -> String {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(samples.count + 8)
  var last = 0
  for sample in samples {
    let difference = Int(sample) - last
    last = Int(sample)
    var rest = UInt(bitPattern: (difference << 1) ^ (difference >> 63))
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
  return Data(bytes).base64EncodedString()
}
