internal import CLAPACKE

/// C = A B of matrices by rows, in single precision, on the calling thread (BLAS `sgemm`).
///
/// - Parameters:
///   - a: `rows` times `inner` values.
///   - b: `inner` times `columns` values.
///   - product: room for `rows` times `columns` values.
///   - rows: of A and C.
///   - inner: columns of A, rows of B.
///   - columns: of B and C.
public func multiply(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>,
  rows: Int, inner: Int, columns: Int
) {
  clapacke_multiply(Int32(rows), Int32(columns), Int32(inner), a, b, product)
}
