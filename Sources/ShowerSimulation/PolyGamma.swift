internal import Glibc

/// psi(x) = d ln Gamma / dx for x > 0, by recurrence and asymptotic series (Abramowitz and Stegun 6.3).
func digamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 8 {
    shift -= 1 / x
    x += 1
  }
  let y = 1 / (x * x)
  return shift + log(x) - 0.5 / x
    - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))))
}

/// psi'(x) for x > 0 (Abramowitz and Stegun 6.4).
func trigamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 8 {
    shift += 1 / (x * x)
    x += 1
  }
  let y = 1 / (x * x)
  return shift + 1 / x + 0.5 * y
    + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)))
}
