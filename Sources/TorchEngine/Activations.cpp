#include "Activations.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

// The code is made for several generations of processors, and the right one chosen when the library is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EVERY_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif
#define INLINE inline __attribute__((always_inline))

namespace airshower {

namespace {

// exp(x) within 1.5e-7, and held at exp(+-87): 2^n exp(r) with |r| < ln(2) / 2, and a polynomial of degree 6 for
// exp(r) (Moshier, Cephes, expf). libm's has branches, which keep the compiler from vectors.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : (x > 87.0f ? 87.0f : x);
  // Added to a number below 2^22, it rounds to an integer, which then lies in the lowest bits.
  const float rounding = 12582912.0f;
  float shifted = x * 1.44269504f + rounding;
  float n = shifted - rounding;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t integer, bits;
  std::memcpy(&integer, &shifted, sizeof integer);
  std::memcpy(&bits, &p, sizeof bits);
  bits += (integer - 0x4B400000u) << 23;
  std::memcpy(&p, &bits, sizeof p);
  return p;
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

INLINE float silu_of(float x) { return x * sigmoid(x); }
INLINE float relu_of(float x) { return x < 0 ? 0 : x; }

// Gradients before a function, from those behind it.
INLINE float before_silu(float x, float gradient) {
  float s = sigmoid(x);
  return gradient * (s * (1.0f + x * (1.0f - s)));
}
INLINE float before_relu(float x, float gradient) { return x > 0 ? gradient : 0.0f; }

// Loops over a tile, some rows at a time: `bias` and `sums` are as long as the other arrays.

template <float (*function)(float)>
INLINE void add_and_apply(float *values, float *results, const float *bias, size_t count) {
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
  for (size_t i = 0; i < count; ++i) {
    float value = values[i] + bias[i];
    values[i] = value;
    results[i] = function(value);
  }
}

template <float (*before)(float, float)>
INLINE void slopes_and_sums(const float *values, const float *gradient, float *slopes, float *sums,
                            size_t count) {
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
  for (size_t i = 0; i < count; ++i) {
    float slope = before(values[i], gradient[i]);
    slopes[i] = slope;
    sums[i] += slope;
  }
}

FOR_EVERY_PROCESSOR
void add_and_silu(float *values, float *results, const float *bias, size_t count) {
  add_and_apply<silu_of>(values, results, bias, count);
}

FOR_EVERY_PROCESSOR
void add_and_relu(float *values, float *results, const float *bias, size_t count) {
  add_and_apply<relu_of>(values, results, bias, count);
}

FOR_EVERY_PROCESSOR
void silu_slopes_and_sums(const float *values, const float *gradient, float *slopes, float *sums,
                          size_t count) {
  slopes_and_sums<before_silu>(values, gradient, slopes, sums, count);
}

FOR_EVERY_PROCESSOR
void relu_slopes_and_sums(const float *values, const float *gradient, float *slopes, float *sums,
                          size_t count) {
  slopes_and_sums<before_relu>(values, gradient, slopes, sums, count);
}

// Rows that are worked on in one loop: of a few columns alone it would be too short for vectors.
size_t tile_rows(size_t width) { return std::max<size_t>(1, 512 / std::max<size_t>(width, 1)); }

}  // namespace

void activate(Activation activation, float *values, float *results, const float *bias, size_t rows,
              size_t width) {
  const size_t tile = tile_rows(width);
  std::vector<float> biases(tile * width);
  for (size_t row = 0; row < tile; ++row)
    std::copy(bias, bias + width, biases.begin() + static_cast<ptrdiff_t>(row * width));
  for (size_t first = 0; first < rows; first += tile) {
    const size_t count = std::min(tile, rows - first) * width, place = first * width;
    if (activation == Activation::silu)
      add_and_silu(values + place, results + place, biases.data(), count);
    else
      add_and_relu(values + place, results + place, biases.data(), count);
  }
}

FOR_EVERY_PROCESSOR
void add_rows(const float *rows, size_t count, size_t width, float *sums) {
  for (size_t row = 0; row < count; ++row) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < width; ++i) sums[i] += rows[row * width + i];
  }
}

void differentiate(Activation activation, const float *values, const float *gradient, float *slopes,
                   float *sums, size_t rows, size_t width) {
  const size_t tile = tile_rows(width);
  std::vector<float> tiled(tile * width, 0.0f);
  for (size_t first = 0; first < rows; first += tile) {
    const size_t count = std::min(tile, rows - first) * width, place = first * width;
    if (activation == Activation::silu)
      silu_slopes_and_sums(values + place, gradient + place, slopes + place, tiled.data(), count);
    else
      relu_slopes_and_sums(values + place, gradient + place, slopes + place, tiled.data(), count);
  }
  std::fill(sums, sums + width, 0.0f);
  add_rows(tiled.data(), tile, width, sums);
}

FOR_EVERY_PROCESSOR
void silu(const float *values, float *results, size_t count) {
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
  for (size_t i = 0; i < count; ++i) results[i] = silu_of(values[i]);
}

FOR_EVERY_PROCESSOR
void silu_slopes(const float *values, const float *gradient, float *slopes, size_t count) {
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
  for (size_t i = 0; i < count; ++i) slopes[i] = before_silu(values[i], gradient[i]);
}

FOR_EVERY_PROCESSOR
void raise_to_rows(const float *rows, size_t count, size_t width, float *largest) {
  for (size_t row = 0; row < count; ++row) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < width; ++i) {
      float value = rows[row * width + i];
      largest[i] = value > largest[i] ? value : largest[i];
    }
  }
}

FOR_EVERY_PROCESSOR
void share_among_largest(const float *rows, const float *largest, const float *gradient, float *slopes,
                         size_t count, size_t width, float *shares) {
  std::fill(shares, shares + width, 0.0f);
  for (size_t row = 0; row < count; ++row) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < width; ++i) shares[i] += rows[row * width + i] == largest[i] ? 1.0f : 0.0f;
  }
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < width; ++i) shares[i] = gradient[i] / shares[i];
  for (size_t row = 0; row < count; ++row) {
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < width; ++i)
      slopes[row * width + i] = rows[row * width + i] == largest[i] ? shares[i] : 0.0f;
  }
}

FOR_EVERY_PROCESSOR
void silu_of_edges(const Edges &edges, float *results) {
  const size_t width = edges.width;
  for (size_t edge = 0; edge < edges.count; ++edge) {
    const float *own = edges.own + static_cast<size_t>(edges.to[edge]) * width;
    const float *other = edges.other + static_cast<size_t>(edges.from[edge]) * width;
    const float *side = edges.sides + static_cast<size_t>(edges.side[edge]) * width;
    float *result = results + edge * width;
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
    for (size_t i = 0; i < width; ++i) result[i] = silu_of((own[i] + other[i]) + side[i]);
  }
}

FOR_EVERY_PROCESSOR
void add_edge_slopes(const Edges &edges, const float *gradient, float *own, float *other, float *sides) {
  const size_t width = edges.width;
  for (size_t edge = 0; edge < edges.count; ++edge) {
    const size_t to = static_cast<size_t>(edges.to[edge]) * width, from = static_cast<size_t>(edges.from[edge]) * width,
                 side = static_cast<size_t>(edges.side[edge]) * width;
#pragma clang loop vectorize(assume_safety) vectorize_width(16)
    for (size_t i = 0; i < width; ++i) {
      const float sum = (edges.own[to + i] + edges.other[from + i]) + edges.sides[side + i];
      const float slope = before_silu(sum, gradient[edge * width + i]);
      own[to + i] += slope;
      other[from + i] += slope;
      sides[side + i] += slope;
    }
  }
}

}  // namespace airshower
