#include "ProgramGraph.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/ir/ir_views.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <map>
#include <memory>
#include <string>

#include "AllowedOperators.h"
#include "NetworkArchive.h"
#include "Refused.h"

namespace airshower {

namespace {

using namespace torch::jit;

// Operators of a program with every call written out.
constexpr uint64_t most_operators = 200000;

[[noreturn]] void refuse(const Node *node, const std::string &what, const std::string &remedy) {
  const auto found = node->sourceRange().file_line_col();
  const auto where = found ? place(std::get<0>(*found), std::get<1>(*found)) : std::string("the program");
  throw Refused(where + ": " + what + ": " + remedy);
}

constexpr const char *take_out = "take it out of the network (Documentation/networks.md lists what may be used)";

template <typename Use>
void for_each_node(const Block *block, const Use &use) {
  for (const auto *node : block->nodes()) {
    use(node);
    for (const auto *inner : node->blocks()) for_each_node(inner, use);
  }
}

// Whether a type is a class or holds one.
bool holds_class(const c10::TypePtr &type) {
  const auto kind = type->kind();
  if (kind == c10::TypeKind::ClassType || kind == c10::TypeKind::InterfaceType || kind == c10::TypeKind::AnyClassType)
    return true;
  for (const auto &part : type->containedTypes())
    if (holds_class(part)) return true;
  return false;
}

void check_operator(const Node *node) {
  const std::string name = node->kind().toQualString();
  const auto *schema = node->maybeSchema();
  const auto overload = schema ? schema->overload_name() : "";
  const auto full = overload.empty() ? name : name + "." + overload;
  if (!is_allowed(name, overload)) refuse(node, "the operator " + full + ", which " + reason_against(name), take_out);
  if (name == "prim::unchecked_cast" && holds_class(node->output()->type()))
    refuse(node, "an object taken for one of another class", take_out);
  if (!schema) return;
  const std::string believed = believed_argument(name);
  for (size_t i = 0; i < schema->arguments().size(); ++i) {
    const auto &argument = schema->arguments()[i];
    if (argument.is_out()) refuse(node, "the operator " + full + ", which writes into another tensor (out)", take_out);
    if (argument.name() == believed && i < node->inputs().size() && !node->input(i)->mustBeNone())
      refuse(node, "the argument " + believed + " of " + full + ", which libtorch does not check", "leave it out");
  }
}

// MARK: calls

// Counts operators with every call written out, so that few lines cannot become millions.
class Size {
 public:
  uint64_t of(const std::shared_ptr<Graph> &graph) {
    const auto known = sizes.find(graph.get());
    if (known != sizes.end()) return known->second;
    uint64_t sum = 0;
    for_each_node(graph->block(), [&](const Node *node) {
      sum += 1;
      const Function *called = nullptr;
      if (node->kind() == prim::CallFunction) {
        if (const auto type = node->input(0)->type()->cast<c10::FunctionType>()) called = type->function();
      } else if (node->kind() == prim::CallMethod) {
        if (const auto type = node->input(0)->type()->cast<c10::ClassType>())
          called = type->findMethod(node->s(attr::name));
      } else {
        return;
      }
      const auto *function = called ? dynamic_cast<const GraphFunction *>(called) : nullptr;
      if (!function) refuse(node, "a call of what the file does not hold", take_out);
      sum += of(function->graph());
      if (sum > most_operators) refuse(node, "more than " + std::to_string(most_operators) + " operators", "call less often");
    });
    return sizes[graph.get()] = sum;
  }

 private:
  std::map<const Graph *, uint64_t> sizes;
};

// MARK: loops

bool is_true(const Value *value) {
  const auto constant = toIValue(value);
  return constant && constant->isBool() && constant->toBool();
}

// The value of `self.a.b`; none for other values.
c10::optional<c10::IValue> attribute(const Value *value, const Module &network) {
  const auto *node = value->node();
  if (node->kind() == prim::Param)
    return value == value->owningGraph()->inputs()[0] ? c10::optional<c10::IValue>(network._ivalue()) : c10::nullopt;
  if (node->kind() != prim::GetAttr) return c10::nullopt;
  const auto owner = attribute(node->input(0), network);
  if (!owner || !owner->isObject()) return c10::nullopt;
  return owner->toObjectRef().getAttr(node->s(attr::name));
}

// Whether an integer is a small constant or made of lengths and sizes.
bool is_bounded(const Value *value, const Module &network, size_t depth = 0) {
  if (depth > 20) return false;
  auto constant = toIValue(value);
  if (!constant) constant = attribute(value, network);
  if (constant) return constant->isInt() && std::abs(constant->toInt()) <= most_repetitions;
  const auto *node = value->node();
  const std::string name = node->kind().toQualString();
  if (name == "aten::len" || name == "aten::size" || name == "aten::dim") return true;
  if (name == "prim::ListUnpack" || name == "aten::__getitem__")
    return std::string(node->input(0)->node()->kind().toQualString()) == "aten::size";
  // The smallest of several is no larger than one of them.
  if (name == "prim::min") {
    const auto *operands = node;
    if (node->inputs().size() == 1 && node->input(0)->node()->kind() == prim::ListConstruct)
      operands = node->input(0)->node();
    for (const auto *input : operands->inputs())
      if (is_bounded(input, network, depth + 1)) return true;
    return false;
  }
  if (name == "prim::max" || name == "aten::add" || name == "aten::sub" ||
      name == "aten::floordiv" || name == "aten::__range_length" || name == "prim::ListConstruct") {
    for (const auto *input : node->inputs())
      if (!is_bounded(input, network, depth + 1)) return false;
    return true;
  }
  return false;
}

void check_loop(const Node *node, const Module &network) {
  const auto *count = node->input(0), *first = node->input(1);
  const auto *next = node->blocks()[0]->outputs()[0];
  if (!is_true(first) || !is_true(next))
    refuse(node, "a loop with a condition (while, break or return), which may never end (prim::Loop)",
           "loop over a range or a list to its end");
  if (!is_bounded(count, network))
    refuse(node, "a loop over a range that is neither a number up to " + std::to_string(most_repetitions) +
                     " nor a length or size (prim::Loop)",
           "loop over a list, a size or a smaller range");
}

// MARK: branches

// What a condition is known to be before anything runs.
c10::optional<bool> known(const Value *value, const Module &network) {
  auto constant = toIValue(value);
  if (!constant) constant = attribute(value, network);
  if (constant) return constant->isBool() ? c10::optional<bool>(constant->toBool()) : c10::nullopt;
  const auto *node = value->node();
  const std::string name = node->kind().toQualString();
  if (name == "aten::__not__") {
    const auto inner = known(node->input(0), network);
    return inner ? c10::optional<bool>(!*inner) : c10::nullopt;
  }
  if ((name == "aten::__is__" || name == "aten::__isnot__") && node->input(1)->mustBeNone()) {
    if (node->input(0)->mustBeNone()) return name == "aten::__is__";
    if (node->input(0)->mustNotBeNone()) return name == "aten::__isnot__";
  }
  return c10::nullopt;
}

// Nodes that may run, and whether they surely do.
template <typename Use>
void for_each_reached(const Block *block, const Module &network, bool is_sure, const Use &use) {
  for (const auto *node : block->nodes()) {
    use(node, is_sure);
    if (node->kind() == prim::If) {
      if (const auto condition = known(node->input(0), network)) {
        for_each_reached(node->blocks()[*condition ? 0 : 1], network, is_sure, use);
        continue;
      }
    }
    for (const auto *inner : node->blocks()) for_each_reached(inner, network, false, use);
  }
}

// MARK: changes

// Whether a value was made by the operator at hand, or is a view of one that was. The analysis of aliases does not see
// that where such values go on through branches, as in the attention of torch.nn.
bool is_new(const Value *value, size_t depth = 0) {
  const auto *node = value->node();
  const auto *schema = node->maybeSchema();
  if (depth > 20 || !schema || !node->kind().is_aten() || schema->returns().size() <= value->offset()) return false;
  if (!schema->returns()[value->offset()].alias_info()) return value->type()->isSubtypeOf(*c10::TensorType::get());
  return !node->inputs().empty() && is_new(node->input(0), depth + 1);
}

// Whether a network changes what outlives the call: its parameters, or the arguments, which are the caller's memory.
void check_changes(const std::shared_ptr<Graph> &graph, const Module &network) {
  AliasDb aliases(graph);
  ValueSet lasting;
  for (const auto *input : graph->inputs()) lasting.insert(input);
  for_each_node(graph->block(), [&](const Node *node) {
    if (node->kind() == prim::GetAttr || node->kind() == prim::Constant) lasting.insert(node->output());
  });
  for_each_reached(graph->block(), network, true, [&](const Node *constant_node, bool) {
    auto *node = const_cast<Node *>(constant_node);
    const auto *schema = node->maybeSchema();
    if (!schema || !schema->is_mutable()) return;
    if (!is_new(node->input(0)) && aliases.writesToAlias(node, lasting))
      refuse(node, std::string("the operator ") + node->kind().toQualString() +
                       " on an argument or a parameter, which changes the network while it runs",
             "change a clone of it");
  });
}

// MARK: values

void check_type(const c10::IValue &value, const c10::TypePtr &declared, const std::string &name, size_t depth = 0) {
  const auto type = value.type();
  if (depth > 200 || !type->isSubtypeOf(*declared))
    throw Refused(name + ": its value is no " + declared->repr_str() + ": save the network again");
  if (value.isObject()) {
    const auto &object = value.toObjectRef();
    const auto kind = object.type();
    for (size_t i = 0; i < kind->numAttributes(); ++i)
      check_type(object.getSlot(i), kind->getAttribute(i), name + "." + kind->getAttributeName(i), depth + 1);
  } else if (value.isList()) {
    const auto element = type->containedType(0);
    for (const auto &item : value.toListRef()) check_type(item, element, name, depth + 1);
  } else if (value.isGenericDict()) {
    for (const auto &item : value.toGenericDict()) {
      check_type(item.key(), type->containedType(0), name, depth + 1);
      check_type(item.value(), type->containedType(1), name, depth + 1);
    }
  } else if (value.isTuple()) {
    const auto &elements = value.toTupleRef().elements();
    for (size_t i = 0; i < elements.size(); ++i) check_type(elements[i], type->containedType(i), name, depth + 1);
  }
}

void check_parameters(const Module &network) {
  uint64_t sum = 0;
  for (const auto &parameter : network.named_parameters(true)) {
    const auto count = static_cast<uint64_t>(parameter.value.numel());
    sum += count;
    if (sum > most_parameters)
      throw Refused(parameter.name + ": more than " + std::to_string(most_parameters) +
                    " parameters, with those before: make the network smaller");
    if (!parameter.value.is_floating_point()) continue;
    if (!torch::isfinite(parameter.value).all().item<bool>())
      throw Refused("the parameter " + parameter.name + " has values that are infinite or no number: train the network again");
  }
}

}  // namespace

void remove_warnings(Block *block) {
  for (auto iterator = block->nodes().begin(); iterator != block->nodes().end(); ++iterator) {
    for (auto *inner : iterator->blocks()) remove_warnings(inner);
    if (iterator->kind() == aten::warn) iterator.destroyCurrent();
  }
}

void check_program(const Module &network) {
  check_type(network._ivalue(), network.type(), "self");
  for (auto *function : network._ivalue()->compilation_unit()->get_functions()) {
    const auto *program = dynamic_cast<GraphFunction *>(function);
    if (!program) throw Refused(function->name() + ": a function that is no program: take it out of the network");
    for_each_node(program->graph()->block(), check_operator);
  }
  const auto forward = network.find_method("forward");
  if (!forward) throw Refused("it has no method forward: give it one (Documentation/networks.md)");
  Size().of(forward->graph());
  const auto graph = forward->graph()->copy();
  Inline(*graph);
  for_each_reached(graph->block(), network, true, [&](const Node *node, bool is_sure) {
    const auto *schema = node->maybeSchema();
    if (schema && must_not_run(schema->name(), schema->overload_name()))
      refuse(node, "the operator " + schema->name() + "." + schema->overload_name() + ", of packed sequences", take_out);
    if (node->kind() == aten::warn && is_sure)
      refuse(node, "the operator aten::warn, which " + reason_against("aten::warn"), take_out);
    if (node->kind() == prim::CallMethod || node->kind() == prim::CallFunction)
      refuse(node, "a call through an interface", "call a module by its class");
    if (node->kind() == prim::Loop) check_loop(node, network);
  });
  check_changes(graph, network);
  check_parameters(network);
}

}  // namespace airshower
