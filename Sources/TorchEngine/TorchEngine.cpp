// The only file that includes libtorch: it takes ten seconds to compile.
#include "TorchEngine.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <ATen/autocast_mode.h>
#include <torch/library.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// Zeiler, arXiv:1212.5701; libtorch's C++ side has none. Weight decay as an L2 term of the gradient.
struct Adadelta {
  double rho = 0.95;
  double epsilon = 1e-6;
  double weight_decay = 0;
  std::vector<torch::Tensor> square_gradient, square_step;

  void step(std::vector<torch::Tensor> &parameters, double learning_rate) {
    torch::NoGradGuard guard;
    if (square_gradient.empty()) {
      for (auto &parameter : parameters) {
        square_gradient.push_back(torch::zeros_like(parameter));
        square_step.push_back(torch::zeros_like(parameter));
      }
    }
    for (size_t i = 0; i < parameters.size(); ++i) {
      auto gradient = parameters[i].grad();
      if (!gradient.defined()) continue;
      if (weight_decay != 0) gradient = gradient.add(parameters[i], weight_decay);
      square_gradient[i].mul_(rho).addcmul_(gradient, gradient, 1 - rho);
      auto step = square_step[i].add(epsilon).sqrt_();
      step.div_(square_gradient[i].add(epsilon).sqrt_()).mul_(gradient);
      square_step[i].mul_(rho).addcmul_(step, step, 1 - rho);
      parameters[i].sub_(step, learning_rate);
    }
  }
};

torch::Tensor view(const ctorch_array &array) {
  std::vector<int64_t> shape(array.shape, array.shape + array.dimensions);
  auto type = array.type == CTORCH_INT64 ? torch::kInt64 : torch::kFloat32;
  return torch::from_blob(const_cast<void *>(array.data), shape, torch::dtype(type));
}

// While it lives, products are made in bfloat16 where that is safe (autocast), if asked for.
class MixedPrecision {
 public:
  MixedPrecision(torch::DeviceType type, bool on) : type(type), on(on) {
    if (on) set(true);
  }
  ~MixedPrecision() {
    if (!on) return;
    at::autocast::clear_cache();
    set(false);
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

// Mean over the targets that are numbers, and how many they are.
torch::Tensor loss_of(const torch::Tensor &output, const torch::Tensor &target, int kind,
                      double *number) {
  auto known = torch::isfinite(target);
  *number = static_cast<double>(known.sum().item<int64_t>());
  bool whole = *number == static_cast<double>(target.numel());
  auto count = target.size(1);
  if (output.size(1) != (kind == CTORCH_GAUSSIAN ? 2 * count : count))
    throw std::invalid_argument("the network has other outputs than targets");
  auto wanted = whole ? target : torch::nan_to_num(target);
  auto difference = output.narrow(1, 0, count) - wanted;
  torch::Tensor terms;
  if (kind == CTORCH_GAUSSIAN) {
    auto log_sigma = output.narrow(1, count, count);
    terms = 0.5 * (difference * torch::exp(-log_sigma)).square() + log_sigma;
  } else {
    terms = difference.square();
  }
  if (whole) return terms.mean();
  return (terms * known).sum() / known.sum().clamp_min(1);
}

void set_learning_rate(torch::optim::Optimizer &optimizer, double learning_rate) {
  for (auto &group : optimizer.param_groups()) group.options().set_lr(learning_rate);
}

template <typename Body>
int guarded(char *message, size_t capacity, Body body) {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    std::snprintf(message, capacity, "%s", error.what_without_backtrace());
  } catch (const std::exception &error) {
    std::snprintf(message, capacity, "%s", error.what());
  } catch (...) {
    std::snprintf(message, capacity, "unknown error in libtorch");
  }
  return 1;
}

// Batches differ in their number of rows, so specialising graphs by shape costs more than it gains.
void plain_executor() {
  torch::jit::getProfilingMode() = false;
  torch::jit::getExecutorMode() = false;
  torch::jit::setGraphExecutorOptimize(false);
}

// OpenBLAS, on which libtorch's matrix products run, has threads of its own that at::set_num_threads
// does not reach; waiting ones spin, and cost two thirds of the speed where the other cores are busy.
void set_blas_threads(int threads) {
  using Setter = void (*)(int);
  static const auto set =
      reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  static std::atomic<int> current{0};
  if (set && current.exchange(threads) != threads) set(threads);
}

}  // namespace

struct ctorch_module {
  torch::jit::Module script;
  std::vector<std::string> names;
  std::vector<torch::Tensor> parameters;
  std::atomic<int> threads{1};
  torch::Device device = torch::kCPU;
  bool reduced = false;
  double gradient_clip = 0;
  int loss = CTORCH_MEAN_SQUARE;
  std::vector<double> penalties;
  Adadelta adadelta;
  std::unique_ptr<torch::optim::Optimizer> optimiser;

  explicit ctorch_module(torch::jit::Module module) : script(std::move(module)) { list(); }

  void list() {
    names.clear();
    parameters.clear();
    for (const auto &parameter : script.named_parameters(true)) {
      names.push_back(parameter.name);
      parameters.push_back(parameter.value);
    }
  }

  // The number is kept per thread by OpenMP, so it has to be set where the work is done.
  void use_threads() const {
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    set_blas_threads(threads);
  }

  torch::Tensor forward(const ctorch_array *inputs, size_t count) {
    std::vector<torch::jit::IValue> values;
    values.reserve(count);
    for (size_t i = 0; i < count; ++i)
      values.emplace_back(view(inputs[i]).to(device, /*non_blocking=*/true));
    MixedPrecision mixed(device.type(), reduced);
    return script.forward(std::move(values)).toTensor();
  }

  size_t total() const {
    size_t sum = 0;
    for (const auto &parameter : parameters) sum += static_cast<size_t>(parameter.numel());
    return sum;
  }
};

namespace {

void manual_seed(uint64_t seed) { torch::manual_seed(seed); }

int module_create(const char *source, const ctorch_parameter *parameters, size_t count,
                  ctorch_module **module, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    plain_executor();
    torch::jit::Module script("ResidualNetwork");
    script.register_attribute("training", c10::BoolType::get(), true);
    for (size_t i = 0; i < count; ++i) {
      const auto &p = parameters[i];
      std::vector<int64_t> shape(p.shape, p.shape + p.dimensions);
      auto values = torch::from_blob(const_cast<float *>(p.values), shape, torch::kFloat32).clone();
      values.set_requires_grad(true);
      script.register_parameter(p.name, values, false);
    }
    script.define(source);
    *module = new ctorch_module(script);
  });
}

int module_load(const char *path, const char *extra_name, ctorch_module **module,
                char **extra, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    plain_executor();
    torch::jit::ExtraFilesMap files;
    files[extra_name] = "";
    auto script = torch::jit::load(path, torch::kCPU, files);
    auto loaded = std::make_unique<ctorch_module>(script);
    script.eval();
    *extra = strdup(files[extra_name].c_str());
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
    auto result = std::make_unique<ctorch_module>(module->script.deepcopy());
    result->threads = module->threads.load();
    result->device = module->device;
    result->reduced = module->reduced;
    *copy = result.release();
  });
}

void module_free(ctorch_module *module) { delete module; }
void free_text(char *text) { std::free(text); }

void module_set_threads(ctorch_module *module, int threads) { module->threads = threads; }

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
  });
}

int module_forward(ctorch_module *module, const ctorch_array *inputs, size_t count,
                   float *output, size_t output_size, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    module->use_threads();
    c10::InferenceMode inference;
    if (module->script.is_training()) module->script.eval();
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
    module->penalties.clear();
    if (training->penalties)
      module->penalties.assign(training->penalties,
                               training->penalties + module->parameters.size());
    module->adadelta = Adadelta();
    module->adadelta.weight_decay = training->weight_decay;
    module->optimiser.reset();
    for (auto &parameter : module->parameters) parameter.set_requires_grad(true);
    switch (training->optimiser) {
      case CTORCH_ADADELTA:
        break;
      case CTORCH_ADAM: {
        auto options = torch::optim::AdamOptions();
        options.weight_decay(training->weight_decay);
        module->optimiser = std::make_unique<torch::optim::Adam>(module->parameters, options);
        break;
      }
      case CTORCH_ADAMW: {
        auto options = torch::optim::AdamWOptions();
        options.weight_decay(training->weight_decay);
        module->optimiser = std::make_unique<torch::optim::AdamW>(module->parameters, options);
        break;
      }
      default:
        throw std::invalid_argument("unknown optimiser");
    }
  });
}

int module_set_device(ctorch_module *module, int32_t device, int32_t index, char *message,
                      size_t capacity) {
  return guarded(message, capacity, [&] {
    module->device = device == CTORCH_CUDA
                         ? torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(index))
                         : torch::Device(torch::kCPU);
    module->script.to(module->device);
    module->list();
  });
}

int32_t cuda_count() {
  return torch::cuda::is_available() ? static_cast<int32_t>(torch::cuda::device_count()) : 0;
}

void module_set_precision(ctorch_module *module, int32_t type) {
  module->reduced = type == CTORCH_BFLOAT16;
}

int module_differentiate(ctorch_module *module, const ctorch_array *inputs, size_t count,
                         const ctorch_array *target, double *loss, double *known,
                         char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    module->use_threads();
    if (!module->script.is_training()) module->script.train();
    for (auto &parameter : module->parameters) parameter.mutable_grad() = torch::Tensor();
    auto output = module->forward(inputs, count).to(torch::kFloat32);
    auto error = loss_of(output, view(*target).to(module->device), module->loss, known);
    *loss = error.item<double>();
    if (std::isfinite(*loss)) error.backward();
  });
}

int module_get_gradients(ctorch_module *module, float *values, size_t size, char *message,
                         size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of gradients");
    for (const auto &parameter : module->parameters) {
      size_t bytes = sizeof(float) * static_cast<size_t>(parameter.numel());
      if (parameter.grad().defined()) {
        auto flat = parameter.grad().to(torch::kCPU).contiguous();
        std::memcpy(values, flat.data_ptr<float>(), bytes);
      } else {
        std::memset(values, 0, bytes);
      }
      values += parameter.numel();
    }
  });
}

int module_set_gradients(ctorch_module *module, const float *values, size_t size, char *message,
                         size_t capacity) {
  return guarded(message, capacity, [&] {
    if (size != module->total()) throw std::invalid_argument("wrong number of gradients");
    for (auto &parameter : module->parameters) {
      parameter.mutable_grad() =
          torch::from_blob(const_cast<float *>(values), parameter.sizes(), torch::kFloat32)
              .to(module->device, torch::kFloat32, false, true);
      values += parameter.numel();
    }
  });
}

int module_update(ctorch_module *module, double learning_rate, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    module->use_threads();
    for (size_t i = 0; i < module->penalties.size(); ++i) {
      auto &gradient = module->parameters[i].mutable_grad();
      if (module->penalties[i] == 0 || !gradient.defined()) continue;
      torch::NoGradGuard guard;
      gradient.add_(module->parameters[i], 2 * module->penalties[i]);
    }
    if (module->gradient_clip > 0)
      torch::nn::utils::clip_grad_norm_(module->parameters, module->gradient_clip);
    if (module->optimiser) {
      set_learning_rate(*module->optimiser, learning_rate);
      module->optimiser->step();
    } else {
      module->adadelta.step(module->parameters, learning_rate);
    }
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

void copy_out(const torch::Tensor &tensor, float *values) {
  auto flat = tensor.to(torch::kCPU).contiguous();
  std::memcpy(values, flat.data_ptr<float>(), sizeof(float) * static_cast<size_t>(flat.numel()));
}

torch::Tensor copy_in(const float *values, const torch::Tensor &like) {
  return torch::from_blob(const_cast<float *>(values), like.sizes(), torch::kFloat32)
      .to(like.device(), torch::kFloat32, false, true);
}

// The states of Adam and AdamW have the same members, but no common type.
template <typename Parameter>
void get_memory(ctorch_module *module, float *values, size_t total, int64_t *steps) {
  auto &state = module->optimiser->state();
  for (size_t i = 0; i < module->parameters.size(); ++i) {
    const auto &parameter = module->parameters[i];
    auto found = state.find(key_of(parameter));
    steps[i] = -1;
    if (found != state.end()) {
      auto &own = static_cast<Parameter &>(*found->second);
      steps[i] = own.step();
      copy_out(own.exp_avg(), values);
      copy_out(own.exp_avg_sq(), values + total);
    }
    values += parameter.numel();
  }
}

template <typename Parameter>
void set_memory(ctorch_module *module, const float *values, size_t total, const int64_t *steps) {
  auto &state = module->optimiser->state();
  state.clear();
  for (size_t i = 0; i < module->parameters.size(); ++i) {
    const auto &parameter = module->parameters[i];
    if (steps[i] >= 0) {
      auto own = std::make_unique<Parameter>();
      own->step(steps[i]);
      own->exp_avg(copy_in(values, parameter));
      own->exp_avg_sq(copy_in(values + total, parameter));
      state[key_of(parameter)] = std::move(own);
    }
    values += parameter.numel();
  }
}

int module_get_memory(ctorch_module *module, float *values, size_t size, int64_t *steps,
                      char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    size_t total = module->total();
    if (size != 2 * total) throw std::invalid_argument("wrong size of the optimiser's memory");
    std::memset(values, 0, sizeof(float) * size);
    if (dynamic_cast<torch::optim::AdamW *>(module->optimiser.get())) {
      get_memory<torch::optim::AdamWParamState>(module, values, total, steps);
    } else if (dynamic_cast<torch::optim::Adam *>(module->optimiser.get())) {
      get_memory<torch::optim::AdamParamState>(module, values, total, steps);
    } else {
      auto &adadelta = module->adadelta;
      for (size_t i = 0; i < module->parameters.size(); ++i) {
        steps[i] = adadelta.square_gradient.empty() ? -1 : 0;
        if (steps[i] == 0) {
          copy_out(adadelta.square_gradient[i], values);
          copy_out(adadelta.square_step[i], values + total);
        }
        values += module->parameters[i].numel();
      }
    }
  });
}

int module_set_memory(ctorch_module *module, const float *values, size_t size,
                      const int64_t *steps, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    size_t total = module->total();
    if (size != 2 * total) throw std::invalid_argument("wrong size of the optimiser's memory");
    if (dynamic_cast<torch::optim::AdamW *>(module->optimiser.get())) {
      set_memory<torch::optim::AdamWParamState>(module, values, total, steps);
    } else if (dynamic_cast<torch::optim::Adam *>(module->optimiser.get())) {
      set_memory<torch::optim::AdamParamState>(module, values, total, steps);
    } else {
      auto &adadelta = module->adadelta;
      adadelta.square_gradient.clear();
      adadelta.square_step.clear();
      if (module->parameters.empty() || steps[0] < 0) return;
      for (const auto &parameter : module->parameters) {
        adadelta.square_gradient.push_back(copy_in(values, parameter));
        adadelta.square_step.push_back(copy_in(values + total, parameter));
        values += parameter.numel();
      }
    }
  });
}

size_t get_random_state(uint8_t *bytes, size_t capacity) {
  auto generator = at::detail::getDefaultCPUGenerator();
  std::lock_guard<std::mutex> lock(generator.mutex());
  auto state = generator.get_state().contiguous();
  auto size = static_cast<size_t>(state.numel());
  if (bytes && capacity >= size) std::memcpy(bytes, state.data_ptr<uint8_t>(), size);
  return size;
}

int set_random_state(const uint8_t *bytes, size_t size, char *message, size_t capacity) {
  return guarded(message, capacity, [&] {
    auto state = torch::empty({static_cast<int64_t>(size)}, torch::kUInt8);
    std::memcpy(state.data_ptr<uint8_t>(), bytes, size);
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
  });
}

const ctorch_functions functions = {
    manual_seed,
    module_create,
    module_load,
    module_save,
    module_copy,
    module_free,
    free_text,
    module_set_threads,
    module_parameter_count,
    module_parameter_name,
    module_parameter_size,
    module_get_parameters,
    module_set_parameters,
    module_forward,
    module_set_device,
    cuda_count,
    module_set_precision,
    module_begin_training,
    module_differentiate,
    module_get_gradients,
    module_set_gradients,
    module_update,
    module_get_memory,
    module_set_memory,
    get_random_state,
    set_random_state,
};

}  // namespace

const ctorch_functions *CTORCH_ENGINE(void) { return &functions; }
