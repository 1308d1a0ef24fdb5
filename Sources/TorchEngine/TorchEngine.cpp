#include "TorchEngine.h"

#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <ATen/autocast_mode.h>
#include <torch/library.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "FastOperators.h"
#include "NetworkArchive.h"
#include "PickledValues.h"
#include "ProgramGraph.h"
#include "ProgramSource.h"
#include "Refused.h"

namespace {

// Zeiler, arXiv:1212.5701; libtorch's C++ side has none. Weight decay as an L2 term of the gradient.
struct Adadelta {
  double rho = 0.95;
  double epsilon = 1e-6;
  double weight_decay = 0;
  torch::Tensor square_gradient, square_step;

  void step(torch::Tensor &weights, double learning_rate) {
    torch::NoGradGuard guard;
    if (!square_gradient.defined()) {
      square_gradient = torch::zeros_like(weights);
      square_step = torch::zeros_like(weights);
    }
    auto gradient = weights.grad();
    if (weight_decay != 0) gradient = gradient.add(weights, weight_decay);
    square_gradient.mul_(rho).addcmul_(gradient, gradient, 1 - rho);
    auto step = square_step.add(epsilon).sqrt_();
    step.div_(square_gradient.add(epsilon).sqrt_()).mul_(gradient);
    square_step.mul_(rho).addcmul_(step, step, 1 - rho);
    weights.sub_(step, learning_rate);
  }
};

torch::Tensor view(const ctorch_array &array) {
  if (array.dimensions < 0 || array.dimensions > CTORCH_MOST_DIMENSIONS)
    throw std::invalid_argument("an array of " + std::to_string(array.dimensions) + " dimensions");
  std::vector<int64_t> shape(array.shape, array.shape + array.dimensions);
  auto type = array.type == CTORCH_INT64 ? torch::kInt64 : torch::kFloat32;
  return torch::from_blob(const_cast<void *>(array.data), shape, torch::dtype(type));
}

// While it lives, products are made in bfloat16 where that is safe (autocast), if asked for.
class MixedPrecision {
 public:
  MixedPrecision(torch::DeviceType type, bool on) : type(type), on(on) {
    if (!on) return;
    // Threads share one cache of weights. Each weight is used once, so that it gains nothing.
    at::autocast::set_autocast_cache_enabled(false);
    set(true);
  }
  ~MixedPrecision() {
    if (on) set(false);
  }
  MixedPrecision(const MixedPrecision &) = delete;
  MixedPrecision &operator=(const MixedPrecision &) = delete;

 private:
  void set(bool value) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_dtype(type, at::kBFloat16);
    at::autocast::set_autocast_enabled(type, value);
#else
    if (type == torch::kCUDA) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(value);
    } else {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(value);
    }
#endif
  }
  torch::DeviceType type;
  bool on;
};

#if TORCH_VERSION_MAJOR < 2
// The CPU of libtorch 1.13 does not normalise bfloat16 with weights of float32.
torch::Tensor layer_norm_in_float(const torch::Tensor &x, torch::IntArrayRef shape,
                                  const c10::optional<torch::Tensor> &scale,
                                  const c10::optional<torch::Tensor> &shift, double epsilon,
                                  bool with_cudnn) {
  c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::DispatchKey::AutocastCPU);
  return at::layer_norm(x.to(torch::kFloat32), shape, scale, shift, epsilon, with_cudnn);
}

TORCH_LIBRARY_IMPL(aten, AutocastCPU, library) {
  library.impl("layer_norm", TORCH_FN(layer_norm_in_float));
}
#endif

// Negative ln likelihood of each row's pair of targets, without ln 2 pi: `[row, 1]`.
torch::Tensor density_terms(const torch::Tensor &output, const torch::Tensor &target,
                            const ctorch_density &density) {
  const auto part = [&](int64_t number) {
    return output.narrow(1, density.first_output + number * density.components, density.components);
  };
  const auto u = (target.narrow(1, density.targets[0], 1) - part(1)) * torch::exp(-part(3));
  const auto v = (target.narrow(1, density.targets[1], 1) - part(2)) * torch::exp(-part(4));
  const auto correlation = part(5);
  const auto rest = 1 - correlation.square();
  const auto square = (u.square() - 2 * correlation * u * v + v.square()) / rest;
  const auto logarithms = part(0) - part(3) - part(4) - 0.5 * torch::log(rest) - 0.5 * square;
  return -torch::logsumexp(logarithms, 1, /*keepdim=*/true);
}

// Sum over the targets that are numbers, and how many they are. Where `given` has one more column than targets, it is
// the weight of the row: then the sum of weighted terms, and of the weights.
torch::Tensor loss_of(const torch::Tensor &output, const torch::Tensor &given, int kind,
                      const std::vector<ctorch_density> &densities, double *number) {
  auto columns = output.size(1);
  for (const auto &density : densities) columns -= 6 * density.components;
  auto count = kind == CTORCH_GAUSSIAN ? columns / 2 : columns;
  bool weighted = given.size(1) == count + 1;
  if ((!weighted && given.size(1) != count) ||
      columns != (kind == CTORCH_GAUSSIAN ? 2 * count : count))
    throw std::invalid_argument("the network has other outputs than targets");
  auto target = weighted ? given.narrow(1, 0, count) : given;
  auto known = torch::isfinite(target);
  auto factors = weighted ? known * given.narrow(1, count, 1) : known;
  *number = weighted ? factors.sum().item<double>()
                     : static_cast<double>(known.sum().item<int64_t>());
  bool whole = !weighted && *number == static_cast<double>(target.numel());
  auto wanted = whole ? target : torch::nan_to_num(target);
  auto difference = output.narrow(1, 0, count) - wanted;
  torch::Tensor terms;
  if (kind == CTORCH_GAUSSIAN) {
    auto log_sigma = output.narrow(1, count, count);
    terms = 0.5 * (difference * torch::exp(-log_sigma)).square() + log_sigma;
  } else {
    terms = difference.square();
  }
  auto sum = whole ? terms.sum() : (terms * factors).sum();
  for (const auto &density : densities) {
    auto pair = density_terms(output, wanted, density);
    if (!whole) {
      // Both targets are known, or the row takes no part.
      pair = pair * factors.narrow(1, density.targets[0], 1) * known.narrow(1, density.targets[1], 1);
    }
    sum = sum + pair.sum();
  }
  return sum;
}

void set_learning_rate(torch::optim::Optimizer &optimizer, double learning_rate) {
  for (auto &group : optimizer.param_groups()) group.options().set_lr(learning_rate);
}

// Copies the message of an error and gives its status. Missing memory is known by its text: the interpreter makes a
// runtime_error of every error, and the allocator of the processor and the libraries of CUDA have none of their own.
int failure(const std::string &error, char *message, size_t capacity) {
  for (const char *sign :
       {"can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"}) {
    const auto place = error.find(sign);
    if (place == std::string::npos) continue;
    const auto begin = error.rfind('\n', place) + 1;
    std::snprintf(message, capacity, "%s", error.substr(begin, error.find('\n', place) - begin).c_str());
    return CTORCH_NO_MEMORY;
  }
  std::snprintf(message, capacity, "%s", error.c_str());
  return CTORCH_FAILED;
}

template <typename Body>
int guarded(char *message, size_t capacity, Body body) {
  try {
    body();
    return CTORCH_DONE;
  } catch (const airshower::Refused &error) {
    std::snprintf(message, capacity, "%s", error.what());
    return CTORCH_REFUSED;
  } catch (const c10::Error &error) {
    return failure(error.what_without_backtrace(), message, capacity);
  } catch (const std::exception &error) {
    return failure(error.what(), message, capacity);
  } catch (...) {
    std::snprintf(message, capacity, "unknown error in libtorch");
  }
  return CTORCH_FAILED;
}

// Parallel work is the caller's, who gives each thread events of its own: threads within an operator wait for each
// other a thousand times a batch. OpenMP keeps its number per calling thread. OpenBLAS, on which libtorch's products
// run, has threads of its own that at::set_num_threads does not reach, and waiting ones spin.
void use_one_thread() {
  if (at::get_num_threads() != 1) at::set_num_threads(1);
  using Setter = void (*)(int);
  static const bool done = [] {
    const auto set = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
    if (set) set(1);
    return true;
  }();
  (void)done;
}

}  // namespace

struct ctorch_module {
  torch::jit::Module script;
  std::vector<std::string> names;
  std::vector<torch::Tensor> parameters;
  torch::Device device;
  bool reduced;
  // Whether its program may be anybody's.
  bool is_from_file;
  double gradient_clip = 0;
  int loss = CTORCH_MEAN_SQUARE;
  std::vector<ctorch_density> densities;
  std::vector<double> penalties;
  Adadelta adadelta;
  std::unique_ptr<torch::optim::Optimizer> optimiser;
  // All parameters in a row, while they are trained: optimisers make some ten passes over each array, and one array is
  // cheaper than thirty small ones.
  torch::Tensor weights;
  // What runs: the program of `script` as suits the device and precision.
  std::unique_ptr<torch::jit::Code> code;

  explicit ctorch_module(torch::jit::Module module, torch::Device device = torch::kCPU,
                         bool reduced = false, bool is_from_file = false)
      : script(std::move(module)), device(device), reduced(reduced), is_from_file(is_from_file) {
    prepare();
  }

  void prepare() {
    list();
    auto graph = script.get_method("forward").graph()->copy();
    torch::jit::Inline(*graph);
    torch::jit::runRequiredPasses(graph);
    if (device.is_cpu()) {
      airshower::use_seeded_random(*graph);
      if (!reduced) airshower::use_fast_operators(*graph);
    }
    if (is_from_file) {
      airshower::check_segments(*graph);
      airshower::remove_warnings(graph->block());
    }
    code = std::make_unique<torch::jit::Code>(graph, "forward");
  }

  void list() {
    names.clear();
    parameters.clear();
    for (const auto &parameter : script.named_parameters(true)) {
      names.push_back(parameter.name);
      parameters.push_back(parameter.value);
    }
  }

  // Runs the program operator by operator. libtorch's own executor would specialise it for the number of rows, which
  // is another one for every batch.
  torch::Tensor forward(const ctorch_array *inputs, size_t count) const {
    torch::jit::Stack stack;
    stack.reserve(count + 1);
    stack.emplace_back(script._ivalue());
    for (size_t i = 0; i < count; ++i)
      stack.emplace_back(view(inputs[i]).to(device, /*non_blocking=*/true));
    MixedPrecision mixed(device.type(), reduced);
    torch::jit::InterpreterState(*code).run(stack);
    return stack.back().toTensor();
  }

  void join_parameters() {
    std::vector<torch::Tensor> rows;
    for (auto &parameter : parameters) {
      parameter.set_requires_grad(true);
      rows.push_back(parameter.detach().flatten());
    }
    weights = torch::cat(rows).set_requires_grad(true);
  }

  void part_parameters() {
    torch::NoGradGuard guard;
    int64_t first = 0;
    for (auto &parameter : parameters) {
      parameter.copy_(weights.narrow(0, first, parameter.numel()).view(parameter.sizes()));
      first += parameter.numel();
    }
  }

  size_t total() const {
    size_t sum = 0;
    for (const auto &parameter : parameters) sum += static_cast<size_t>(parameter.numel());
    return sum;
  }
};

namespace {

int module_create(const char *source, const ctorch_parameter *parameters, size_t count,
                  ctorch_module **module, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    torch::jit::Module script("ResidualNetwork");
    script.register_attribute("training", c10::BoolType::get(), false);
    for (size_t i = 0; i < count; ++i) {
      const auto &p = parameters[i];
      if (p.dimensions < 0 || p.dimensions > CTORCH_MOST_DIMENSIONS)
        throw std::invalid_argument(std::string(p.name) + ": " + std::to_string(p.dimensions) + " dimensions");
      std::vector<int64_t> shape(p.shape, p.shape + p.dimensions);
      auto values = torch::from_blob(const_cast<float *>(p.values), shape, torch::kFloat32).clone();
      values.set_requires_grad(true);
      script.register_parameter(p.name, values, false);
    }
    script.define(source);
    *module = new ctorch_module(script);
  });
}

// Loads what was read and checked, not the file again, which may be another one by then.
torch::jit::Module load_checked(const std::string &path, const std::string &extra, std::string &text) {
  const auto record = "extra/" + extra;
  auto records = airshower::read_archive(path, record);
  airshower::check_pickled_values(records);
  airshower::check_source(records);
  text = records[record];
  std::istringstream archive(airshower::write_archive(records, record));
  records.clear();
  auto script = torch::jit::load(archive, torch::kCPU);
  script.eval();
  airshower::check_program(script);
  return script;
}

int module_load(const char *path, const char *extra_name, ctorch_module **module,
                char **extra, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    use_one_thread();
    std::string text;
    auto script = load_checked(path, extra_name, text);
    auto loaded = std::make_unique<ctorch_module>(script, torch::kCPU, false, true);
    *extra = strdup(text.c_str());
    *module = loaded.release();
  });
}

int module_save(const ctorch_module *module, const char *path, const char *extra_name,
                const char *extra, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    torch::jit::ExtraFilesMap files;
    files[extra_name] = extra;
    auto script = module->device.is_cpu() ? module->script : module->script.deepcopy();
    script.to(torch::kCPU);
    script.eval();
    script.save(path, files);
  });
}

int module_copy(const ctorch_module *module, ctorch_module **copy, char *message,
                size_t capacity) {
  return guarded(message, capacity, [&] {
    *copy = new ctorch_module(module->script.deepcopy(), module->device, module->reduced, module->is_from_file);
  });
}

void module_free(ctorch_module *module) { delete module; }
void free_text(char *text) { std::free(text); }

int module_set_training(ctorch_module *module, int on, char *message, size_t capacity) {
  return guarded(message, capacity, [&] { module->script.train(on != 0); });
}

size_t module_parameter_count(const ctorch_module *module) {
  return module->parameters.size();
}
const char *module_parameter_name(const ctorch_module *module, size_t index) {
  return module->names[index].c_str();
}
size_t module_parameter_size(const ctorch_module *module, size_t index) {
  return static_cast<size_t>(module->parameters[index].numel());
}

int module_get_parameters(const ctorch_module *module, float *values, size_t size,
                          char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of parameters");
    for (const auto &parameter : module->parameters) {
      auto flat = parameter.detach().to(torch::kCPU, torch::kFloat32).contiguous();
      std::memcpy(values, flat.data_ptr<float>(), sizeof(float) * flat.numel());
      values += flat.numel();
    }
  });
}

int module_set_parameters(ctorch_module *module, const float *values, size_t size,
                          char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of parameters");
    torch::NoGradGuard guard;
    for (auto &parameter : module->parameters) {
      parameter.copy_(torch::from_blob(const_cast<float *>(values), parameter.sizes(),
                                       torch::kFloat32));
      values += parameter.numel();
    }
    if (module->weights.defined())
      module->weights.copy_(torch::from_blob(const_cast<float *>(values - size),
                                             module->weights.sizes(), torch::kFloat32));
  });
}

int module_forward(ctorch_module *module, const ctorch_array *inputs, size_t count,
                   float *output, size_t output_size, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    use_one_thread();
    c10::InferenceMode inference;
    auto result = module->forward(inputs, count).to(torch::kCPU, torch::kFloat32).contiguous();
    if (static_cast<size_t>(result.numel()) != output_size)
      throw std::invalid_argument("the network gave " + std::to_string(result.numel()) +
                                  " values where " + std::to_string(output_size) +
                                  " were expected");
    std::memcpy(output, result.data_ptr<float>(), sizeof(float) * output_size);
  });
}

int module_begin_training(ctorch_module *module, const ctorch_training *training,
                          char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    module->gradient_clip = training->gradient_clip;
    module->loss = training->loss;
    module->densities.assign(training->densities, training->densities + training->density_count);
    module->penalties.clear();
    if (training->penalties)
      module->penalties.assign(training->penalties,
                               training->penalties + module->parameters.size());
    module->adadelta = Adadelta();
    module->adadelta.weight_decay = training->weight_decay;
    module->optimiser.reset();
    module->join_parameters();
    const std::vector<torch::Tensor> weights{module->weights};
    switch (training->optimiser) {
      case CTORCH_ADADELTA:
        break;
      case CTORCH_ADAM: {
        auto options = torch::optim::AdamOptions();
        options.weight_decay(training->weight_decay);
        module->optimiser = std::make_unique<torch::optim::Adam>(weights, options);
        break;
      }
      case CTORCH_ADAMW: {
        auto options = torch::optim::AdamWOptions();
        options.weight_decay(training->weight_decay);
        module->optimiser = std::make_unique<torch::optim::AdamW>(weights, options);
        break;
      }
      default:
        throw std::invalid_argument("unknown optimiser");
    }
  });
}

int module_set_device(ctorch_module *module, int32_t device, int32_t index, int32_t type,
                      char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    module->device = device == CTORCH_CUDA
                         ? torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(index))
                         : torch::Device(torch::kCPU);
    module->reduced = type == CTORCH_BFLOAT16;
    module->script.to(module->device);
    module->prepare();
  });
}

int cuda_count(int32_t *count, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    message[0] = 0;
    *count = torch::cuda::is_available() ? static_cast<int32_t>(torch::cuda::device_count()) : 0;
    if (*count > 0) return;
    // Only the first use tells why: no library for CUDA, no driver, one that is too old.
    try {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 7)
      at::globalContext().lazyInitDevice(at::kCUDA);
#else
      at::globalContext().lazyInitCUDA();
#endif
    } catch (const c10::Error &error) {
      const std::string reason = error.what_without_backtrace();
      std::snprintf(message, capacity, "%s", reason.substr(0, reason.find('\n')).c_str());
    }
  });
}

void copy_out(const torch::Tensor &tensor, float *values) {
  auto flat = tensor.to(torch::kCPU).contiguous();
  std::memcpy(values, flat.data_ptr<float>(), sizeof(float) * static_cast<size_t>(flat.numel()));
}

torch::Tensor copy_in(const float *values, const torch::Tensor &like) {
  return torch::from_blob(const_cast<float *>(values), like.sizes(), torch::kFloat32)
      .to(like.device(), torch::kFloat32, false, true);
}

int module_differentiate(const ctorch_module *module, const ctorch_array *inputs, size_t count,
                         const ctorch_array *target, uint64_t seed, double *loss, double *known,
                         float *gradients, size_t size, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of gradients");
    use_one_thread();
    airshower::SeededRandom random(seed);
    if (!module->device.is_cpu()) torch::manual_seed(seed);
    auto output = module->forward(inputs, count).to(torch::kFloat32);
    auto error = loss_of(output, view(*target).to(module->device), module->loss, module->densities,
                         known);
    *loss = error.item<double>();
    if (!std::isfinite(*loss)) return;
    const auto all = torch::autograd::grad({error}, module->parameters, {}, false, false, true);
    for (size_t i = 0; i < all.size(); ++i) {
      auto values = static_cast<size_t>(module->parameters[i].numel());
      if (all[i].defined())
        copy_out(all[i], gradients);
      else
        std::memset(gradients, 0, sizeof(float) * values);
      gradients += values;
    }
  });
}

int module_update(ctorch_module *module, const float *gradients, size_t size, double learning_rate,
                  char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of gradients");
    use_one_thread();
    auto &weights = module->weights;
    auto gradient = copy_in(gradients, weights);
    int64_t first = 0;
    for (size_t i = 0; i < module->penalties.size(); ++i) {
      const auto &parameter = module->parameters[i];
      torch::NoGradGuard guard;
      if (module->penalties[i] != 0)
        gradient.narrow(0, first, parameter.numel())
            .add_(parameter.flatten(), 2 * module->penalties[i]);
      first += parameter.numel();
    }
    weights.mutable_grad() = gradient;
    if (module->gradient_clip > 0)
      torch::nn::utils::clip_grad_norm_(weights, module->gradient_clip);
    if (module->optimiser) {
      set_learning_rate(*module->optimiser, learning_rate);
      module->optimiser->step();
    } else {
      module->adadelta.step(weights, learning_rate);
    }
    weights.mutable_grad() = torch::Tensor();
    module->part_parameters();
  });
}

// By which an optimiser knows a parameter: text until libtorch 2.0, then the address.
auto key_of(const torch::Tensor &parameter) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  return static_cast<void *>(parameter.unsafeGetTensorImpl());
#else
  return c10::guts::to_string(parameter.unsafeGetTensorImpl());
#endif
}

// The states of Adam and AdamW have the same members, but no common type.
template <typename State>
void get_optimizer_state(const ctorch_module *module, float *values, size_t size, int64_t *step) {
  const auto &states = module->optimiser->state();
  auto found = states.find(key_of(module->weights));
  if (found == states.end()) return;
  auto &own = static_cast<State &>(*found->second);
  *step = own.step();
  copy_out(own.exp_avg(), values);
  copy_out(own.exp_avg_sq(), values + size / 2);
}

template <typename State>
void set_optimizer_state(ctorch_module *module, const float *values, size_t size, int64_t step) {
  auto &states = module->optimiser->state();
  states.clear();
  if (step < 0) return;
  auto own = std::make_unique<State>();
  own->step(step);
  own->exp_avg(copy_in(values, module->weights));
  own->exp_avg_sq(copy_in(values + size / 2, module->weights));
  states[key_of(module->weights)] = std::move(own);
}

int module_get_optimizer_state(const ctorch_module *module, float *values, size_t size,
                               int64_t *step, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != 2 * module->total())
      throw std::invalid_argument("wrong size of the optimiser's memory");
    std::memset(values, 0, sizeof(float) * size);
    *step = -1;
    if (dynamic_cast<torch::optim::AdamW *>(module->optimiser.get())) {
      get_optimizer_state<torch::optim::AdamWParamState>(module, values, size, step);
    } else if (dynamic_cast<torch::optim::Adam *>(module->optimiser.get())) {
      get_optimizer_state<torch::optim::AdamParamState>(module, values, size, step);
    } else if (module->adadelta.square_gradient.defined()) {
      *step = 0;
      copy_out(module->adadelta.square_gradient, values);
      copy_out(module->adadelta.square_step, values + size / 2);
    }
  });
}

int module_set_optimizer_state(ctorch_module *module, const float *values, size_t size,
                               int64_t step, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != 2 * module->total())
      throw std::invalid_argument("wrong size of the optimiser's memory");
    if (dynamic_cast<torch::optim::AdamW *>(module->optimiser.get())) {
      set_optimizer_state<torch::optim::AdamWParamState>(module, values, size, step);
    } else if (dynamic_cast<torch::optim::Adam *>(module->optimiser.get())) {
      set_optimizer_state<torch::optim::AdamParamState>(module, values, size, step);
    } else if (step >= 0) {
      module->adadelta.square_gradient = copy_in(values, module->weights);
      module->adadelta.square_step = copy_in(values + size / 2, module->weights);
    } else {
      module->adadelta.square_gradient = module->adadelta.square_step = torch::Tensor();
    }
  });
}

const ctorch_functions functions = {
    module_create,
    module_load,
    module_save,
    module_copy,
    module_free,
    free_text,
    module_set_training,
    module_parameter_count,
    module_parameter_name,
    module_parameter_size,
    module_get_parameters,
    module_set_parameters,
    module_forward,
    module_set_device,
    cuda_count,
    module_begin_training,
    module_differentiate,
    module_update,
    module_get_optimizer_state,
    module_set_optimizer_state,
};

}  // namespace

const ctorch_functions *CTORCH_ENGINE(void) { return &functions; }
