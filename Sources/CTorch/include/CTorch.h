// A TorchScript module for Swift: define it from source text, train it, run it, keep it in a file.
//
// Knows nothing of air showers. No C++ exception crosses this header: every function that can fail
// returns CTORCH_DONE for success and otherwise writes a message of at most `capacity` bytes.
//
// The functions live in a library of their own, libairshower-torch.so, that is loaded when the first
// network is needed: libtorch and the hundred libraries behind it take 0.3 s and 150 MB to load.
#pragma once
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct ctorch_module ctorch_module;

enum { CTORCH_FLOAT32 = 0, CTORCH_INT64 = 1, CTORCH_BFLOAT16 = 2 };
enum { CTORCH_CPU = 0, CTORCH_CUDA = 1 };

// What a function that can fail returns.
enum {
  CTORCH_DONE = 0,
  CTORCH_FAILED = 1,
  // The file is not used; nothing of it has run.
  CTORCH_REFUSED = 2,
  // The device has too little memory; nothing has changed.
  CTORCH_NO_MEMORY = 3,
};

enum { CTORCH_MOST_DIMENSIONS = 4 };

// A dense row-major array that the caller owns; it must live as long as the call.
typedef struct {
  const void *data;
  int32_t type;
  int32_t dimensions;
  int64_t shape[CTORCH_MOST_DIMENSIONS];
} ctorch_array;

// One learnable array: its name in the source text and its initial values.
typedef struct {
  const char *name;
  int32_t dimensions;
  int64_t shape[CTORCH_MOST_DIMENSIONS];
  const float *values;
} ctorch_parameter;

enum { CTORCH_ADADELTA = 0, CTORCH_ADAM = 1, CTORCH_ADAMW = 2 };

// Of outputs and targets of equal shape, or, for the second, of means and ln sigmas side by side. Targets that
// are not a number take no part.
enum { CTORCH_MEAN_SQUARE = 0, CTORCH_GAUSSIAN = 1 };

// The density of a pair of targets as a mixture of normal distributions. `first_output` is the column of the first of
// the components' ln weights; ln weights, means of both targets, ln sigmas of both and correlations follow each other.
typedef struct {
  int32_t targets[2];
  int32_t first_output;
  int32_t components;
} ctorch_density;

typedef struct {
  int32_t optimiser;
  int32_t loss;
  double weight_decay;
  // An L2 term of its own for each parameter, in their order, or null: loss + penalty sum(w^2).
  const double *penalties;
  // Largest norm of the gradient over all parameters; 0 leaves it alone.
  double gradient_clip;
  // Densities whose negative ln likelihood, without ln 2 pi, is added to the loss; only with CTORCH_GAUSSIAN.
  const ctorch_density *densities;
  int32_t density_count;
} ctorch_training;

// What libairshower-torch.so can do.
typedef struct {
  // Compiles `source`, a TorchScript `def forward(self, ...)` that names its parameters `self.NAME`.
  int (*module_create)(const char *source, const ctorch_parameter *parameters, size_t count,
                       ctorch_module **module, char *message, size_t capacity);

  // Reads a TorchScript archive and the extra file `extra_name` in it. `*extra` is to be freed with
  // free_text and empty where the archive has no such file. Nothing of the file runs: its code and values are read
  // first, and refused where they could do more than compute.
  int (*module_load)(const char *path, const char *extra_name, ctorch_module **module,
                     char **extra, char *message, size_t capacity);
  int (*module_save)(const ctorch_module *module, const char *path, const char *extra_name,
                     const char *extra, char *message, size_t capacity);
  // A deep copy, without the state of training.
  int (*module_copy)(const ctorch_module *module, ctorch_module **copy, char *message,
                     size_t capacity);
  void (*module_free)(ctorch_module *module);
  void (*free_text)(char *text);

  // Whether dropout and noise are at work, as in training; off at first.
  int (*module_set_training)(ctorch_module *module, int on, char *message, size_t capacity);

  // Parameters in a fixed order, flattened one after the other.
  size_t (*module_parameter_count)(const ctorch_module *module);
  const char *(*module_parameter_name)(const ctorch_module *module, size_t index);
  size_t (*module_parameter_size)(const ctorch_module *module, size_t index);
  int (*module_get_parameters)(const ctorch_module *module, float *values, size_t size,
                               char *message, size_t capacity);
  int (*module_set_parameters)(ctorch_module *module, const float *values, size_t size,
                               char *message, size_t capacity);

  // Runs without gradients, on the calling thread, of which there may be many. `output` receives `output_size` float32 values.
  int (*module_forward)(ctorch_module *module, const ctorch_array *inputs, size_t count,
                        float *output, size_t output_size, char *message, size_t capacity);

  // Moves the module to a device, before training begins; arrays of the caller stay on the CPU. `type` is that of the
  // products of `forward`, CTORCH_FLOAT32 or CTORCH_BFLOAT16; weights, loss and steps stay float32.
  int (*module_set_device)(ctorch_module *module, int32_t device, int32_t index, int32_t type,
                           char *message, size_t capacity);
  // GPUs that libtorch can use.
  // Where there are none: 0, and the reason as message.
  int (*cuda_count)(int32_t *count, char *message, size_t capacity);

  // Starts training: makes the optimiser and its state anew.
  int (*module_begin_training)(ctorch_module *module, const ctorch_training *training,
                               char *message, size_t capacity);
  // Loss against `target`, summed over the `known` targets that are numbers, and the gradients of that sum, flattened
  // as the parameters; none where the loss is not finite. Changes nothing in the module, so that many threads may each
  // do a part of a batch. `seed` is that of dropout and noise. A target with one column more than the network has
  // targets ends with the weights of the rows: terms count by them, and `known` is their sum.
  int (*module_differentiate)(const ctorch_module *module, const ctorch_array *inputs, size_t count,
                              const ctorch_array *target, uint64_t seed, double *loss, double *known,
                              float *gradients, size_t size, char *message, size_t capacity);
  // A step of the optimiser by these gradients, after penalties and clip.
  int (*module_update)(ctorch_module *module, const float *gradients, size_t size,
                       double learning_rate, char *message, size_t capacity);

  // The state of the optimiser: two arrays, each flattened as the parameters, one after the other, and the number of
  // its steps, -1 before the first.
  int (*module_get_optimizer_state)(const ctorch_module *module, float *values, size_t size,
                                    int64_t *step, char *message, size_t capacity);
  int (*module_set_optimizer_state)(ctorch_module *module, const float *values, size_t size,
                                    int64_t step, char *message, size_t capacity);
} ctorch_functions;

// The one symbol of libairshower-torch.so. Changes with the types above, so that a library of another version is
// refused in place of being misunderstood.
#define CTORCH_ENGINE ctorch_engine_7

// Loads libairshower-torch.so from beside the program or from ../lib/airshower; null where that
// fails, with the reason in `message`.
const ctorch_functions *ctorch_open(char *message, size_t capacity);

// Makes malloc keep freed memory in the process (glibc); elsewhere nothing.
void ctorch_keep_freed_memory(void);
// Makes threads that are started later use the memory of the first one (glibc); elsewhere nothing.
void ctorch_share_memory(void);

// From here on a crash of the process ends it with a message and exit code 65, and it may take `memory` bytes more than
// it has; 0 for any. `part`, if any, is removed. For a time in which a network from elsewhere runs; not nested.
void ctorch_guard_crashes(const char *message, uint64_t memory, const char *part);
// Ends that.
void ctorch_end_guard(void);

#ifdef __cplusplus
}
#endif
