#include "Products.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <strings.h>

#define INLINE inline __attribute__((always_inline))

namespace airshower {

namespace {

// Eight or sixteen numbers, at any address.
template <size_t lanes>
struct VectorOf {
  typedef float Type __attribute__((vector_size(4 * lanes), aligned(4)));
};

template <size_t lanes, size_t vectors, size_t rows>
struct Block {
  using Vector = typename VectorOf<lanes>::Type;
  Vector sums[rows][vectors];

  INLINE void clear() {
    for (size_t row = 0; row < rows; ++row)
      for (size_t v = 0; v < vectors; ++v) sums[row][v] = Vector{};
  }

  // sums += column of `left`, its numbers `step` apart, times row of `right`.
  INLINE void add(const float *left, size_t step, const float *right) {
    Vector factors[vectors];
    for (size_t v = 0; v < vectors; ++v) std::memcpy(&factors[v], right + v * lanes, sizeof(Vector));
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; ++row) {
      const float one = left[row * step];
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; ++v) sums[row][v] += one * factors[v];
    }
  }

  // results, rows `stride` apart, = or += the first columns of the sums.
  template <bool adds>
  INLINE void write(float *results, size_t stride, size_t columns) const {
    for (size_t row = 0; row < rows; ++row) {
      if (columns >= vectors * lanes) {
        for (size_t v = 0; v < vectors; ++v) {
          Vector value = sums[row][v], old;
          if (adds) {
            std::memcpy(&old, results + row * stride + v * lanes, sizeof old);
            value += old;
          }
          std::memcpy(results + row * stride + v * lanes, &value, sizeof value);
        }
      } else {
        float values[vectors * lanes];
        std::memcpy(values, sums[row], sizeof values);
        for (size_t column = 0; column < columns; ++column) {
          float &result = results[row * stride + column];
          result = adds ? result + values[column] : values[column];
        }
      }
    }
  }
};

template <size_t lanes, size_t vectors, size_t rows>
INLINE void multiply_block(const float *left, const float *panel, size_t depth, float *results,
                           size_t stride, size_t columns) {
  Block<lanes, vectors, rows> block;
  block.clear();
  for (size_t k = 0; k < depth; ++k) block.add(left + k, depth, panel + k * vectors * lanes);
  block.template write<false>(results, stride, columns);
}

template <size_t lanes, size_t vectors, size_t rows>
INLINE void multiply_rows(const float *left, size_t count, const float *panel, size_t depth,
                          float *results, size_t stride, size_t columns) {
  size_t row = 0;
  for (; row + rows <= count; row += rows)
    multiply_block<lanes, vectors, rows>(left + row * depth, panel, depth, results + row * stride, stride, columns);
  for (; row < count; ++row)
    multiply_block<lanes, vectors, 1>(left + row * depth, panel, depth, results + row * stride, stride, columns);
}

// Rows whose panels are made one after the other, while they are in the nearest cache.
constexpr size_t tile = 48;

template <size_t lanes, size_t rows>
INLINE void multiply_all(const float *left, size_t count, const Panels &weight, float *results) {
  for (size_t first = 0; first < count; first += tile) {
    const size_t own = std::min(tile, count - first);
    const float *panel = weight.values.data();
    for (size_t column = 0; column < weight.columns; column += 2 * lanes) {
      const size_t columns = weight.columns - column;
      float *result = results + first * weight.columns + column;
      const float *own_left = left + first * weight.rows;
      if (columns > lanes) {
        multiply_rows<lanes, 2, rows>(own_left, own, panel, weight.rows, result, weight.columns, columns);
        panel += 2 * lanes * weight.rows;
      } else {
        multiply_rows<lanes, 1, rows>(own_left, own, panel, weight.rows, result, weight.columns, columns);
      }
    }
  }
}

template <size_t lanes, size_t vectors, size_t rows>
INLINE void add_product_block(const float *x, size_t from, const float *y, size_t to, size_t count,
                              float *sums, size_t columns) {
  Block<lanes, vectors, rows> block;
  block.clear();
  for (size_t row = 0; row < count; ++row) block.add(x + row * from, 1, y + row * to);
  block.template write<true>(sums, to, columns);
}

template <size_t lanes, size_t vectors, size_t rows>
INLINE void add_product_rows(const float *x, size_t from, const float *y, size_t to, size_t count,
                             float *sums, size_t columns) {
  size_t row = 0;
  for (; row + rows <= from; row += rows)
    add_product_block<lanes, vectors, rows>(x + row, from, y, to, count, sums + row * to, columns);
  for (; row < from; ++row)
    add_product_block<lanes, vectors, 1>(x + row, from, y, to, count, sums + row * to, columns);
}

template <size_t lanes, size_t rows>
INLINE void add_all_products(const float *x, size_t from, const float *y, size_t to, size_t count,
                             float *sums) {
  for (size_t column = 0; column < to; column += 2 * lanes) {
    const size_t columns = to - column;
    if (columns > lanes)
      add_product_rows<lanes, 2, rows>(x, from, y + column, to, count, sums + column, columns);
    else
      add_product_rows<lanes, 1, rows>(x, from, y + column, to, count, sums + column, columns);
  }
}

struct Kernels {
  // Numbers in a vector, 0 where this processor has none that serve.
  size_t lanes = 0;
  void (*multiply)(const float *, size_t, const Panels &, float *) = nullptr;
  void (*add_products)(const float *, size_t, const float *, size_t, size_t, float *) = nullptr;
};

// The code is made for two generations of processors. Vectors of 512 bits must be asked for: the compiler prefers 256.
#if defined(__x86_64__) && defined(__clang__)
#define FOR_V4 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define FOR_V3 __attribute__((target("arch=x86-64-v3")))

FOR_V4 void multiply_v4(const float *left, size_t count, const Panels &weight, float *results) {
  multiply_all<16, 8>(left, count, weight, results);
}
FOR_V3 void multiply_v3(const float *left, size_t count, const Panels &weight, float *results) {
  multiply_all<8, 6>(left, count, weight, results);
}
FOR_V4 void add_products_v4(const float *x, size_t from, const float *y, size_t to, size_t count, float *sums) {
  add_all_products<16, 8>(x, from, y, to, count, sums);
}
FOR_V3 void add_products_v3(const float *x, size_t from, const float *y, size_t to, size_t count, float *sums) {
  add_all_products<8, 6>(x, from, y, to, count, sums);
}

// Numbers in a vector of the kernels of OpenBLAS that the user or the program chose: all products of a run are of one kind.
size_t chosen_lanes() {
  const char *chosen = std::getenv("OPENBLAS_CORETYPE");
  if (chosen == nullptr || *chosen == '\0') return 16;
  const auto is = [&](const char *name) { return strcasecmp(chosen, name) == 0; };
  if (is("SkylakeX") || is("Cooperlake") || is("SapphireRapids")) return 16;
  return is("Haswell") || is("Zen") ? 8 : 0;
}

const Kernels &kernels() {
  static const Kernels known = [] {
    const size_t most = chosen_lanes();
    if (most >= 16 && __builtin_cpu_supports("x86-64-v4")) return Kernels{16, multiply_v4, add_products_v4};
    if (most >= 8 && __builtin_cpu_supports("x86-64-v3")) return Kernels{8, multiply_v3, add_products_v3};
    return Kernels{};
  }();
  return known;
}
#else
const Kernels &kernels() {
  static const Kernels none{};
  return none;
}
#endif

}  // namespace

// However few the rows: BLAS may add the last ones in another order, and an event would depend on its batch.
bool suit_products() { return kernels().lanes > 0; }
// Narrow matrices alone: OpenBLAS copies them, which pays for many columns. Few rows have no time to gain.
bool suit_sums(size_t count, size_t to) {
  return suit_products() && count >= 128 && to <= 2 * kernels().lanes && to % kernels().lanes == 0;
}

Panels panels(const float *matrix, size_t rows, size_t columns, bool transposed) {
  Panels result;
  result.rows = transposed ? columns : rows;
  result.columns = transposed ? rows : columns;
  const size_t width = kernels().lanes;
  result.values.assign((result.columns + width - 1) / width * width * result.rows, 0.0f);
  float *panel = result.values.data();
  for (size_t column = 0; column < result.columns; column += 2 * width) {
    const size_t left = result.columns - column, own = left > width ? 2 * width : width;
    for (size_t row = 0; row < result.rows; ++row)
      for (size_t i = 0; i < std::min(own, left); ++i)
        panel[row * own + i] = transposed ? matrix[(column + i) * columns + row] : matrix[row * columns + column + i];
    panel += own * result.rows;
  }
  return result;
}

void multiply(const float *rows, size_t count, const Panels &weight, float *results) {
  kernels().multiply(rows, count, weight, results);
}

void add_products(const float *x, size_t from, const float *y, size_t to, size_t count, float *sums) {
  // Rows in the nearest cache: each is read once for some columns of the sums.
  const size_t step = std::max<size_t>(16, 4096 / (from + to));
  for (size_t first = 0; first < count; first += step) {
    const size_t own = std::min(step, count - first);
    kernels().add_products(x + first * from, from, y + first * to, to, own, sums);
  }
}

}  // namespace airshower
