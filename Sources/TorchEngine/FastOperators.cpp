#include "FastOperators.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "Activations.h"
#include "Products.h"
#include "Refused.h"

namespace airshower {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

size_t rows_of(const Tensor &x) { return static_cast<size_t>(x.size(0)); }
size_t width_of(const Tensor &x) { return static_cast<size_t>(x.size(1)); }

// Rows that are worked on one operation after the other, while they are in a cache.
size_t tile_of(size_t width) { return std::max<size_t>(64, 8192 / std::max<size_t>(width, 1)); }

// values = x W of one tile after the other, x [n, from], W [from, to]. Then `finish` is told at which value the tile
// begins, and its rows.
template <typename Finish>
void multiply_tiles(const Tensor &x, const Tensor &weight, Tensor &values, const Finish &finish) {
  const size_t rows = rows_of(values), from = width_of(x), to = width_of(values);
  if (!suit_products()) {
    at::mm_out(values, x, weight);
    return finish(0, rows);
  }
  const auto inputs = x.contiguous(), weights = weight.contiguous();
  const auto columns = panels(weights.data_ptr<float>(), from, to, false);
  for (size_t first = 0, tile = tile_of(from + to); first < rows; first += tile) {
    const size_t count = std::min(tile, rows - first), place = first * to;
    multiply(inputs.data_ptr<float>() + first * from, count, columns, values.data_ptr<float>() + place);
    finish(place, count);
  }
}

// activation(x W + b), x [n, from], W [from, to].
struct Dense : torch::autograd::Function<Dense> {
  // Of one tile after the other: values = x W + b; results, which may be the same, their activation.
  static void evaluate(const Tensor &x, const Tensor &weight, const Tensor &bias, int64_t activation, Tensor &values,
                       Tensor &results) {
    const auto kind = static_cast<Activation>(activation);
    const auto biases = bias.contiguous();
    const size_t to = width_of(values);
    float *value = values.data_ptr<float>(), *result = results.data_ptr<float>();
    multiply_tiles(x, weight, values, [&](size_t place, size_t count) {
      activate(kind, value + place, result + place, biases.data_ptr<float>(), count, to);
    });
  }

  static Tensor compute(const Tensor &x, const Tensor &weight, const Tensor &bias, int64_t activation) {
    auto values = at::empty({x.size(0), weight.size(1)}, x.options());
    evaluate(x, weight, bias, activation, values, values);
    return values;
  }

  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &weight,
                        const Tensor &bias, int64_t activation) {
    auto values = at::empty({x.size(0), weight.size(1)}, x.options());
    auto results = at::empty_like(values);
    evaluate(x, weight, bias, activation, values, results);
    context->save_for_backward({x, weight, values});
    context->saved_data["activation"] = activation;
    context->saved_data["from_input"] = x.requires_grad();
    return results;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto x = saved[0].contiguous(), weight = saved[1].contiguous();
    const auto &values = saved[2];
    const auto gradient = gradients[0].contiguous();
    const auto kind = static_cast<Activation>(context->saved_data["activation"].toInt());
    const bool from_input = context->saved_data["from_input"].toBool();
    const size_t rows = rows_of(values), from = width_of(x), to = width_of(values);
    const bool own_inputs = from_input && suit_products(), own_weights = suit_sums(rows, to);
    // Nobody else has the values, and nobody goes back twice: their memory takes the slopes.
    const auto &slopes = values;
    auto bias = at::zeros({values.size(1)}, values.options());
    auto to_weights = own_weights ? at::zeros_like(weight) : Tensor();
    auto to_inputs = own_inputs ? at::empty_like(x) : Tensor();
    const auto columns = own_inputs ? panels(weight.data_ptr<float>(), from, to, true) : Panels();
    std::vector<float> sums(to);
    for (size_t first = 0, tile = tile_of(from + to); first < rows; first += tile) {
      const size_t count = std::min(tile, rows - first), place = first * to;
      float *slope = slopes.data_ptr<float>() + place;
      differentiate(kind, slope, gradient.data_ptr<float>() + place, slope, sums.data(), count, to);
      add_rows(sums.data(), 1, to, bias.data_ptr<float>());
      if (own_inputs) multiply(slope, count, columns, to_inputs.data_ptr<float>() + first * from);
      if (own_weights)
        add_products(x.data_ptr<float>() + first * from, from, slope, to, count, to_weights.data_ptr<float>());
    }
    if (from_input && !own_inputs) to_inputs = at::mm(slopes, weight.t());
    if (!own_weights) to_weights = at::mm(x.t(), slopes);
    return {to_inputs, to_weights, bias, Tensor()};
  }
};

// x sigmoid(x) of any shape.
struct Silu : torch::autograd::Function<Silu> {
  static Tensor compute(const Tensor &x) {
    auto values = x.contiguous();
    auto results = at::empty_like(values);
    silu(values.data_ptr<float>(), results.data_ptr<float>(), static_cast<size_t>(values.numel()));
    return results;
  }

  static Tensor forward(AutogradContext *context, const Tensor &x) {
    context->save_for_backward({x});
    return compute(x);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto values = context->get_saved_variables()[0].contiguous();
    const auto gradient = gradients[0].contiguous();
    auto slopes = at::empty_like(values);
    silu_slopes(values.data_ptr<float>(), gradient.data_ptr<float>(), slopes.data_ptr<float>(),
                static_cast<size_t>(values.numel()));
    return {slopes};
  }
};

// Lengths of segments, on the CPU: in networks from elsewhere they may be anything, and they say where is read.
void check_lengths(const Tensor &rows, const Tensor &lengths) {
  const auto *length = lengths.data_ptr<int64_t>();
  int64_t left = rows.size(0);
  for (int64_t segment = 0; segment < lengths.size(0); ++segment) {
    TORCH_CHECK(length[segment] >= 0 && length[segment] <= left, "segment_reduce: lengths of other rows");
    left -= length[segment];
  }
  TORCH_CHECK(left == 0, "segment_reduce: lengths of other rows");
}

// Sums or largest values of the rows of each segment, data [n, width], lengths [segments] that add up to n.
// The largest of no rows is -infinity, as libtorch has it.
struct SegmentReduce : torch::autograd::Function<SegmentReduce> {
  static Tensor compute(const Tensor &data, const Tensor &lengths, bool largest) {
    const auto rows = data.contiguous();
    const auto counts = lengths.contiguous();
    const auto width = width_of(rows);
    check_lengths(rows, counts);
    auto results = at::full({counts.size(0), rows.size(1)},
                            largest ? -std::numeric_limits<float>::infinity() : 0.0f, rows.options());
    const float *row = rows.data_ptr<float>();
    float *result = results.data_ptr<float>();
    for (int64_t segment = 0; segment < counts.size(0); ++segment, result += width) {
      const auto count = static_cast<size_t>(counts.data_ptr<int64_t>()[segment]);
      if (largest)
        raise_to_rows(row, count, width, result);
      else
        add_rows(row, count, width, result);
      row += count * width;
    }
    return results;
  }

  static Tensor forward(AutogradContext *context, const Tensor &data, const Tensor &lengths,
                        bool largest) {
    auto results = compute(data, lengths, largest);
    context->saved_data["largest"] = largest;
    if (largest)
      context->save_for_backward({data, lengths, results});
    else
      context->save_for_backward({lengths});
    return results;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const bool largest = context->saved_data["largest"].toBool();
    const auto lengths = saved[largest ? 1 : 0].contiguous();
    const auto gradient = gradients[0].contiguous();
    const auto width = width_of(gradient);
    const auto *counts = lengths.data_ptr<int64_t>();
    const auto rows = largest ? saved[0].contiguous() : Tensor();
    auto slopes = at::empty({largest ? rows.size(0) : lengths.sum().item<int64_t>(), gradient.size(1)},
                            gradient.options());
    float *slope = slopes.data_ptr<float>();
    std::vector<float> shares(width);
    for (int64_t segment = 0; segment < lengths.size(0); ++segment) {
      const auto count = static_cast<size_t>(counts[segment]), place = static_cast<size_t>(segment) * width;
      const float *own = gradient.data_ptr<float>() + place;
      if (largest) {
        const auto first = static_cast<size_t>(slope - slopes.data_ptr<float>());
        share_among_largest(rows.data_ptr<float>() + first, saved[2].data_ptr<float>() + place, own,
                            slope, count, width, shares.data());
      } else {
        for (size_t row = 0; row < count; ++row) std::copy(own, own + width, slope + row * width);
      }
      slope += count * width;
    }
    return {slopes, Tensor(), Tensor()};
  }
};

// Rows of x in the order of indices, x [n, width]. libtorch's way back adds rows one by one, at a microsecond each.
struct GatherRows : torch::autograd::Function<GatherRows> {
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &indices) {
    context->save_for_backward({indices});
    context->saved_data["rows"] = x.size(0);
    return at::index_select(x, 0, indices);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    // Checked on the way there.
    const auto indices = context->get_saved_variables()[0].contiguous();
    const auto gradient = gradients[0].contiguous();
    const auto width = width_of(gradient);
    auto slopes = at::zeros({context->saved_data["rows"].toInt(), gradient.size(1)}, gradient.options());
    const auto *index = indices.data_ptr<int64_t>();
    const float *row = gradient.data_ptr<float>();
    float *slope = slopes.data_ptr<float>();
    for (size_t count = rows_of(gradient); count > 0; --count, ++index, row += width)
      add_rows(row, 1, width, slope + static_cast<size_t>(*index) * width);
    return {slopes, Tensor()};
  }
};

// silu(own[to] + other[from] + sides[side]) of the edges of a graph, in one pass and without the sums in memory.
struct EdgeSilu : torch::autograd::Function<EdgeSilu> {
  static Edges edges_of(const variable_list &all) {
    return {static_cast<size_t>(all[1].size(0)), width_of(all[0]),
            all[1].data_ptr<int64_t>(), all[3].data_ptr<int64_t>(), all[5].data_ptr<int64_t>(),
            all[0].data_ptr<float>(), all[2].data_ptr<float>(), all[4].data_ptr<float>()};
  }

  // own, to, other, from, sides, side.
  static variable_list contiguous(const variable_list &all) {
    variable_list result;
    for (const auto &one : all) result.push_back(one.contiguous());
    for (size_t rows = 0; rows < result.size(); rows += 2) {
      const auto *index = result[rows + 1].data_ptr<int64_t>();
      for (int64_t left = result[rows + 1].size(0); left > 0; --left, ++index)
        TORCH_CHECK_INDEX(*index >= 0 && *index < result[rows].size(0), "index out of range in self");
    }
    return result;
  }

  static Tensor compute(const variable_list &all) {
    auto results = at::empty({all[1].size(0), all[0].size(1)}, all[0].options());
    silu_of_edges(edges_of(all), results.data_ptr<float>());
    return results;
  }

  static Tensor forward(AutogradContext *context, const Tensor &own, const Tensor &to, const Tensor &other,
                        const Tensor &from, const Tensor &sides, const Tensor &side) {
    const auto all = contiguous({own, to, other, from, sides, side});
    context->save_for_backward(all);
    return compute(all);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto all = context->get_saved_variables();
    const auto gradient = gradients[0].contiguous();
    auto own = at::zeros_like(all[0]), other = at::zeros_like(all[2]), sides = at::zeros_like(all[4]);
    add_edge_slopes(edges_of(all), gradient.data_ptr<float>(), own.data_ptr<float>(), other.data_ptr<float>(),
                    sides.data_ptr<float>());
    return {own, Tensor(), other, Tensor(), sides, Tensor()};
  }
};

thread_local c10::optional<at::Generator> generator;

Tensor dropout(const Tensor &x, double rate, bool training) {
  if (!training || rate == 0) return x;
  auto kept = at::empty_like(x).bernoulli_(1 - rate, generator);
  return x * kept.div_(1 - rate);
}

Tensor randn_like(const Tensor &x) { return at::empty_like(x).normal_(0, 1, generator); }

// What the operators are made for; networks from Python may hold anything.
bool is_float(const Tensor &x) { return x.scalar_type() == torch::kFloat32; }
bool is_product(const Tensor &x, const Tensor &weight) {
  return is_float(x) && is_float(weight) && x.dim() == 2 && weight.dim() == 2 && x.size(1) == weight.size(0);
}
bool is_dense(const Tensor &x, const Tensor &weight, const Tensor &bias) {
  return is_product(x, weight) && is_float(bias) && bias.dim() == 1 && bias.size(0) == weight.size(1);
}
bool is_rows(const Tensor &x, const Tensor &indices) {
  return is_float(x) && x.dim() == 2 && indices.dim() == 1 && indices.scalar_type() == torch::kInt64;
}
bool is_segments(const Tensor &data, const Tensor &lengths) {
  return is_float(data) && data.dim() == 2 && lengths.dim() == 1 &&
         lengths.scalar_type() == torch::kInt64;
}

Tensor dense(const Tensor &x, const Tensor &weight, const Tensor &bias, int64_t activation) {
  if (!is_dense(x, weight, bias)) {
    const auto values = at::addmm(bias, x, weight);
    return static_cast<Activation>(activation) == Activation::silu ? at::silu(values) : at::relu(values);
  }
  return at::GradMode::is_enabled() ? Dense::apply(x, weight, bias, activation)
                                    : Dense::compute(x, weight, bias, activation);
}

// Training keeps libtorch's products: there no event needs to be independent of its batch.
Tensor product(const Tensor &x, const Tensor &weight) {
  if (at::GradMode::is_enabled() || !is_product(x, weight)) return at::mm(x, weight);
  auto values = at::empty({x.size(0), weight.size(1)}, x.options());
  multiply_tiles(x, weight, values, [](size_t, size_t) {});
  return values;
}

Tensor product_and_bias(const Tensor &x, const Tensor &weight, const Tensor &bias) {
  if (at::GradMode::is_enabled() || !is_dense(x, weight, bias)) return at::addmm(bias, x, weight);
  auto values = product(x, weight);
  return values.add_(bias);
}

Tensor silu_of_any(const Tensor &x) {
  if (!is_float(x)) return at::silu(x);
  return at::GradMode::is_enabled() ? Silu::apply(x) : Silu::compute(x);
}

// libtorch's own, which reads where `lengths` says.
Tensor checked_segment_reduce(const Tensor &data, std::string reduce, const Tensor &lengths) {
  TORCH_CHECK(data.dim() >= 1 && lengths.dim() == 1 && lengths.scalar_type() == torch::kInt64,
              "segment_reduce: lengths of another form");
  check_lengths(data, lengths.to(torch::kCPU).contiguous());
  return at::segment_reduce(data, reduce, lengths, {}, {}, 0, true);
}

Tensor segment_reduce(const Tensor &data, const Tensor &lengths, bool largest) {
  if (!is_segments(data, lengths)) return checked_segment_reduce(data, largest ? "max" : "sum", lengths);
  return at::GradMode::is_enabled() ? SegmentReduce::apply(data, lengths, largest)
                                    : SegmentReduce::compute(data, lengths, largest);
}

Tensor gather_rows(const Tensor &x, const Tensor &indices) {
  return is_rows(x, indices) && at::GradMode::is_enabled() ? GatherRows::apply(x, indices) : at::index_select(x, 0, indices);
}

Tensor edge_silu(const Tensor &own, const Tensor &to, const Tensor &other, const Tensor &from, const Tensor &sides,
                 const Tensor &side) {
  const bool is_plain = is_rows(own, to) && is_rows(other, from) && is_rows(sides, side) &&
                        own.size(1) == other.size(1) && own.size(1) == sides.size(1) && to.size(0) == from.size(0) &&
                        to.size(0) == side.size(0);
  if (!is_plain)
    return at::silu(at::index_select(own, 0, to) + at::index_select(other, 0, from) + at::index_select(sides, 0, side));
  return at::GradMode::is_enabled() ? EdgeSilu::apply(own, to, other, from, sides, side)
                                    : EdgeSilu::compute(EdgeSilu::contiguous({own, to, other, from, sides, side}));
}

TORCH_LIBRARY(airshower, library) {
  library.def("checked_segment_reduce(Tensor data, str reduce, Tensor lengths) -> Tensor", checked_segment_reduce);
  library.def("dense(Tensor x, Tensor weight, Tensor bias, int activation) -> Tensor", dense);
  library.def("product(Tensor x, Tensor weight) -> Tensor", product);
  library.def("product_and_bias(Tensor x, Tensor weight, Tensor bias) -> Tensor", product_and_bias);
  library.def("silu(Tensor x) -> Tensor", silu_of_any);
  library.def("segment_reduce(Tensor data, Tensor lengths, bool largest) -> Tensor", segment_reduce);
  library.def("gather_rows(Tensor x, Tensor indices) -> Tensor", gather_rows);
  library.def(
      "edge_silu(Tensor own, Tensor to, Tensor other, Tensor from_, Tensor sides, Tensor side) -> Tensor", edge_silu);
  library.def("dropout(Tensor x, float rate, bool training) -> Tensor", dropout);
  library.def("randn_like(Tensor x) -> Tensor", randn_like);
}

// MARK: graphs

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Symbol;
using torch::jit::Value;

// Constant inputs of a node, by what they are for.
bool is_one(Value *value) {
  const auto constant = torch::jit::toIValue(value);
  return constant && constant->isScalar() && constant->toScalar().toDouble() == 1;
}
bool is_none(Value *value) { return value->mustBeNone(); }

Value *constant(Node *node, const torch::jit::IValue &value) {
  torch::jit::WithInsertPoint here(node);
  return node->owningGraph()->insertConstant(value);
}

void replace(Node *node, const char *name, at::ArrayRef<Value *> inputs) {
  auto *fast = node->owningGraph()->create(Symbol::fromQualString(name), inputs, 1);
  fast->insertBefore(node);
  fast->output()->copyMetadata(node->output());
  node->output()->replaceAllUsesWith(fast->output());
}

// The node of a kind that makes a value for one other node alone, nullptr where it is none.
Node *only_use(Value *value, const char *kind) {
  auto *node = value->node();
  return node->kind() == Symbol::fromQualString(kind) && value->uses().size() == 1 ? node : nullptr;
}

// The two terms of a plain sum.
bool is_sum(Node *node) { return node && is_one(node->input(2)); }

// silu(gather_rows(own, to) + gather_rows(other, from) + gather_rows(sides, side))
bool replace_edges(Node *node) {
  constexpr auto add = "aten::add", gather = "airshower::gather_rows";
  auto *all = only_use(node->input(0), add);
  if (!is_sum(all)) return false;
  auto *ends = only_use(all->input(0), add), *side = only_use(all->input(1), gather);
  if (!is_sum(ends) || !side) return false;
  auto *own = only_use(ends->input(0), gather), *other = only_use(ends->input(1), gather);
  if (!own || !other) return false;
  replace(node, "airshower::edge_silu",
          {own->input(0), own->input(1), other->input(0), other->input(1), side->input(0), side->input(1)});
  return true;
}

// addmm(bias, x, weight, beta, alpha) without factors
bool is_plain_addmm(Node *node) {
  return node->kind() == Symbol::fromQualString("aten::addmm") && is_one(node->input(3)) && is_one(node->input(4));
}

void replace_activation(Node *node, Activation activation) {
  if (activation == Activation::silu && replace_edges(node)) return;
  auto *before = node->input(0)->node();
  if (is_plain_addmm(before) && before->output()->uses().size() == 1)
    replace(node, "airshower::dense",
            {before->input(1), before->input(2), before->input(0),
             constant(node, static_cast<int64_t>(activation))});
  else if (activation == Activation::silu)
    replace(node, "airshower::silu", {node->input(0)});
}

// segment_reduce(data, reduce, lengths, indices, offsets, axis, unsafe, initial)
void replace_segments(Node *node) {
  const auto kind = torch::jit::toIValue(node->input(1)), axis = torch::jit::toIValue(node->input(5));
  if (!kind || !axis || axis->toInt() != 0) return;
  const auto name = kind->toStringRef();
  const bool is_plain = is_none(node->input(3)) && is_none(node->input(4)) && is_none(node->input(7)) &&
                        !is_none(node->input(2));
  if (!is_plain || (name != "sum" && name != "max")) return;
  replace(node, "airshower::segment_reduce", {node->input(0), node->input(2), constant(node, name == "max")});
}

// index_select(x, dimension, indices)
void replace_gather(Node *node) {
  const auto dimension = torch::jit::toIValue(node->input(1));
  if (dimension && dimension->toInt() == 0) replace(node, "airshower::gather_rows", {node->input(0), node->input(2)});
}

template <typename Replace>
void for_each_node(Block *block, const Replace &use) {
  const std::vector<Node *> nodes(block->nodes().begin(), block->nodes().end());
  for (auto *node : nodes) {
    for (auto *inner : node->blocks()) for_each_node(inner, use);
    use(node, std::string(node->kind().toQualString()));
  }
}

}  // namespace

void use_fast_operators(Graph &graph) {
  for_each_node(graph.block(), [](Node *node, const std::string &name) {
    if (name == "aten::silu") replace_activation(node, Activation::silu);
    if (name == "aten::relu") replace_activation(node, Activation::relu);
    if (name == "aten::segment_reduce") replace_segments(node);
    if (name == "aten::index_select") replace_gather(node);
  });
  torch::jit::EliminateDeadCode(graph.block());
  // Those that no activation took.
  for_each_node(graph.block(), [](Node *node, const std::string &name) {
    if (name == "aten::mm") replace(node, "airshower::product", {node->input(0), node->input(1)});
    if (is_plain_addmm(node))
      replace(node, "airshower::product_and_bias", {node->input(1), node->input(2), node->input(0)});
  });
  torch::jit::EliminateDeadCode(graph.block());
}

void check_segments(Graph &graph) {
  for_each_node(graph.block(), [](Node *node, const std::string &name) {
    if (name != "aten::segment_reduce") return;
    const auto axis = torch::jit::toIValue(node->input(5));
    if (!is_none(node->input(3)) || !is_none(node->input(4)) || !is_none(node->input(7)) || !axis || axis->toInt() != 0)
      throw Refused("segment_reduce with other than lengths along axis 0, which libtorch does not check: sum with index_add");
    replace(node, "airshower::checked_segment_reduce", {node->input(0), node->input(1), node->input(2)});
  });
  torch::jit::EliminateDeadCode(graph.block());
}

void use_seeded_random(Graph &graph) {
  for_each_node(graph.block(), [](Node *node, const std::string &name) {
    if (name == "aten::dropout") replace(node, "airshower::dropout", node->inputs());
    if (name == "aten::randn_like") replace(node, "airshower::randn_like", {node->input(0)});
  });
  torch::jit::EliminateDeadCode(graph.block());
}

SeededRandom::SeededRandom(uint64_t seed) {
  generator = at::make_generator<at::CPUGeneratorImpl>(seed);
}
SeededRandom::~SeededRandom() { generator.reset(); }

}  // namespace airshower
