#include "AllowedOperators.h"

#include <sstream>
#include <unordered_map>
#include <unordered_set>

namespace airshower {

namespace {

// Operators of libtorch, namespace aten. A name stands for all its overloads but those in `idle_overloads`, and for
// the form in place (`add_`), which changes tensors of the network's own; `name.overload` for that overload alone.
constexpr const char *tensor_operators = R"(
  abs absolute neg negative positive sign sgn signbit square sqrt rsqrt pow float_power exp exp2 expm1 log log2 log10 log1p
  logaddexp logaddexp2 xlogy sin cos tan asin acos atan arcsin arccos arctan atan2 arctan2 sinh cosh tanh asinh acosh
  atanh hypot erf erfc erfinv lgamma digamma sigmoid logit sinc reciprocal ceil floor round trunc fix frac fmod
  remainder clamp clamp_min clamp_max clip nan_to_num deg2rad rad2deg
  add sub subtract rsub mul multiply div divide true_divide floor_divide floordiv addcmul addcdiv lerp maximum minimum
  fmax fmin max min

  eq ne lt le gt ge equal not_equal less less_equal greater greater_equal isclose allclose isfinite isinf isnan
  isposinf isneginf logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not
  where masked_fill masked_select nonzero argwhere heaviside

  mm bmm matmul mv dot inner outer ger vdot addmm addmv addr addbmm baddbmm einsum tensordot linear bilinear chain_matmul
  kron cross linalg_cross linalg_norm linalg_vector_norm norm dist cdist cosine_similarity pairwise_distance frobenius_norm

  conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution _convolution
  max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d
  adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
  constant_pad_nd pad reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d pixel_shuffle
  pixel_unshuffle channel_shuffle im2col
  upsample_nearest1d.vec upsample_nearest2d.vec upsample_nearest3d.vec upsample_linear1d.vec upsample_bilinear2d.vec
  upsample_bicubic2d.vec upsample_trilinear3d.vec _upsample_nearest_exact1d.vec _upsample_nearest_exact2d.vec
  _upsample_nearest_exact3d.vec _upsample_bilinear2d_aa.vec _upsample_bicubic2d_aa.vec _upsample_lanczos2d_aa.vec

  batch_norm layer_norm group_norm instance_norm normalize local_response_norm
  relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish glu hardtanh hardsigmoid hardswish softplus softsign
  tanhshrink softshrink hardshrink threshold softmax log_softmax softmin log_sigmoid scaled_dot_product_attention
  _native_multi_head_attention _transformer_encoder_layer_fwd
  dropout alpha_dropout feature_dropout feature_alpha_dropout randn_like rand_like
  lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell embedding one_hot

  sum nansum mean nanmean prod std var std_mean var_mean median nanmedian mode quantile nanquantile amax amin aminmax argmax argmin all any
  cumsum cumprod cummax cummin logcumsumexp logsumexp count_nonzero sort argsort topk kthvalue msort diff bincount
  segment_reduce trapz trapezoid histc bucketize searchsorted unique_consecutive

  fft_fft fft_ifft fft_rfft fft_irfft fft_fft2 fft_ifft2 fft_rfft2 fft_irfft2 fft_fftn fft_ifftn fft_rfftn fft_irfftn
  fft_fftfreq fft_rfftfreq fft_fftshift fft_ifftshift real imag view_as_real view_as_complex complex polar angle conj

  select slice narrow index index_select index_add index_copy index_fill index_put masked_scatter gather scatter
  scatter_add scatter_reduce take take_along_dim diagonal diag diag_embed tril triu tril_indices triu_indices
  cat concat hstack vstack dstack column_stack stack split split_with_sizes chunk tensor_split unbind
  view view_as reshape reshape_as flatten unflatten ravel squeeze unsqueeze permute transpose swapaxes swapdims movedim
  moveaxis t numpy_T expand expand_as broadcast_to broadcast_tensors repeat repeat_interleave tile roll flip fliplr
  flipud rot90 unfold meshgrid cartesian_prod combinations block_diag atleast_1d atleast_2d atleast_3d

  to type_as float double half bfloat16 long int bool cpu contiguous clone detach alias copy fill zero
  zeros zeros_like new_zeros ones ones_like new_ones full full_like new_full arange linspace logspace eye tensor
  scalar_tensor as_tensor result_type
  is_autocast_enabled is_autocast_cpu_enabled is_grad_enabled is_inference
  size numel dim stride is_contiguous is_floating_point is_complex is_same_size sym_size item
)";

// Of numbers, lists, tuples and dictionaries. `warn` is on the list since the functions of torch.nn hold it; it never
// runs (`remove_warnings`).
constexpr const char *list_operators = R"(
  len append extend insert pop remove reverse clear list copy keys values items get update setdefault index count
  __getitem__ __contains__ _set_item Delete __is__ __isnot__ __not__ __and__ __or__ __xor__ __derive_index
  __range_length Int Float Bool FloatImplicit IntImplicit ScalarImplicit sum dict gcd factorial
  degrees radians copysign isnan isfinite format str find
  startswith endswith warn
)";

// Of the program: values, calls, branches.
constexpr const char *program_operators = R"(
  Constant GetAttr CallMethod CallFunction If Loop TupleConstruct TupleUnpack TupleIndex TupleSlice ListConstruct
  ListUnpack DictConstruct RaiseException Uninitialized unchecked_cast unchecked_unwrap_optional NumToTensor
  isinstance tolist min max abs dtype device layout shape is_cuda is_cpu is_nested is_sparse
  is_quantized is_mkldnn is_meta type requires_grad data itemsize rangelist
  floordiv mod
)";

// What the program calls by a bare name.
constexpr const char *functions = R"(
  range len int float bool str annotate unchecked_cast uninitialized getattr isinstance tuple list dict min max abs sum zip
  enumerate round all any divmod slice Exception AssertionError ValueError RuntimeError TypeError IndexError KeyError
  NotImplementedError
)";

// Overloads that may stand in a program and must not run: of sequences packed by lengths that nobody checks. The
// recurrent layers of torch.nn have a method for them that nobody calls.
constexpr const char *idle_overloads = R"(
  lstm.data gru.data rnn_tanh.data rnn_relu.data
)";

// Arguments that libtorch believes without looking, and that must be left out.
const std::unordered_map<std::string, const char *> believed_arguments = {
    {"aten::repeat_interleave", "output_size"},
    {"aten::searchsorted", "sorter"},
};

// Why, for those that come to mind.
const std::unordered_map<std::string, const char *> reasons = {
    {"aten::save", "writes files"},
    {"aten::load", "reads files"},
    {"aten::from_file", "maps files into memory"},
    {"prim::Print", "prints"},
    {"aten::print", "prints"},
    {"aten::warn", "prints"},
    {"aten::warnings", "prints"},
    {"prim::CreateObject", "makes objects of a class"},
    {"prim::SetAttr", "changes the network while it runs"},
    {"prim::PythonOp", "runs Python"},
    {"prim::fork", "starts threads"},
    {"aten::fork", "starts threads"},
    {"aten::wait", "waits for threads"},
    {"prim::Enter", "enters a with-block"},
    {"prim::Exit", "leaves a with-block"},
    {"aten::manual_seed", "changes the random numbers of the whole program"},
    {"aten::as_strided", "reaches beyond the memory of its tensor"},
    {"aten::set_", "reaches beyond the memory of its tensor"},
    {"aten::set_data", "reaches beyond the memory of its tensor"},
    {"aten::resize_", "reaches beyond the memory of its tensor"},
    {"aten::resize_as_", "reaches beyond the memory of its tensor"},
    {"aten::embedding_bag", "reads by indices that it does not check"},
    {"aten::empty", "gives memory as it was left, another result each time"},
    {"aten::empty_like", "gives memory as it was left, another result each time"},
    {"aten::new_empty", "gives memory as it was left, another result each time"},
    {"aten::empty_strided", "gives memory as it was left, another result each time"},
};

std::unordered_set<std::string> words(const char *text, const std::string &prefix = "") {
  std::unordered_set<std::string> all;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) all.insert(prefix + word);
  return all;
}

const std::unordered_set<std::string> &allowed() {
  static const auto all = [] {
    auto names = words(tensor_operators, "aten::");
    for (const auto &name : words(list_operators, "aten::")) names.insert(name);
    for (const auto &name : words(program_operators, "prim::")) names.insert(name);
    return names;
  }();
  return all;
}

}  // namespace

bool is_allowed(const std::string &operation, const std::string &overload) {
  if (allowed().count(operation) || allowed().count(operation + "." + overload)) return true;
  // In place; a name that only ends so (`__and__`, `_set_item_`) has no other form on the list.
  const auto size = operation.size();
  if (size < 8 || operation.back() != '_' || operation[size - 2] == '_') return false;
  static const auto in_place = words(tensor_operators, "aten::");
  return in_place.count(operation.substr(0, size - 1)) > 0;
}

bool must_not_run(const std::string &operation, const std::string &overload) {
  static const auto idle = words(idle_overloads, "aten::");
  return idle.count(operation + "." + overload) > 0;
}

bool may_be_allowed(const std::string &operation) {
  static const auto names = [] {
    std::unordered_set<std::string> all;
    for (const auto &name : allowed()) all.insert(name.substr(0, name.find('.')));
    return all;
  }();
  return names.count(operation) || is_allowed(operation);
}

const char *believed_argument(const std::string &operation) {
  const auto found = believed_arguments.find(operation);
  return found == believed_arguments.end() ? "" : found->second;
}

bool is_allowed_function(const std::string &name) {
  static const auto all = words(functions);
  return all.count(name) > 0;
}

std::string reason_against(const std::string &operation) {
  const auto found = reasons.find(operation);
  return found == reasons.end() ? "is not on the list of operators that a network may use" : found->second;
}

}  // namespace airshower
