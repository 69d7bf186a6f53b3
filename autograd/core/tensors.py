"""What tensors of other libraries have, and what it is for a Value."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

# By the advice, the names. "{name}" stands for the name itself.
OF_TENSORS = {
    "a result never changes, so write x = x + y, x = relu(x) and so on; the number of a leaf is"
    " set by x.data = 0.5": (
        "abs_ absolute_ acos_ acosh_ addbmm_ addcdiv_ addcmul_ addmm_ addmv_ addr_ apply_ arccos_ "
        "arccosh_ arcsin_ arcsinh_ arctan2_ arctan_ arctanh_ as_strided_ asin_ asinh_ atan2_ atan_ "
        "atanh_ baddbmm_ bernoulli_ bitwise_and_ bitwise_left_shift_ bitwise_not_ bitwise_or_ "
        "bitwise_right_shift_ bitwise_xor_ cauchy_ ceil_ clamp_max_ clamp_min_ clip_ "
        "conj_physical_ copysign_ cos_ cosh_ cumprod_ cumsum_ deg2rad_ digamma_ divide_ eq_ erf_ "
        "erfc_ erfinv_ exp2_ expm1_ exponential_ fill_diagonal_ fix_ float_power_ floor_ "
        "floor_divide_ fmod_ frac_ gcd_ ge_ geometric_ greater_ greater_equal_ gt_ heaviside_ "
        "hypot_ i0_ igamma_ igammac_ index_add_ index_copy_ index_fill_ index_put_ index_reduce_ "
        "is_param_ lcm_ ldexp_ le_ lerp_ less_ less_equal_ lgamma_ log10_ log1p_ log2_ log_ "
        "log_normal_ logical_and_ logical_not_ logical_or_ logical_xor_ logit_ lt_ map2_ map_ "
        "masked_fill_ masked_scatter_ multiply_ mvlgamma_ nan_to_num_ ne_ negative_ nextafter_ "
        "not_equal_ polygamma_ put_ rad2deg_ random_ reciprocal_ remainder_ renorm_ resize_ "
        "resize_as_ resize_as_sparse_ round_ rsqrt_ scatter_ scatter_add_ scatter_reduce_ sgn_ "
        "shard_ share_memory_ sign_ sin_ sinc_ sinh_ sparse_resize_ sparse_resize_and_clear_ "
        "square_ squeeze_ subtract_ swapaxes_ swapdims_ t_ tan_ to_ transpose_ tril_ triu_ "
        "true_divide_ trunc_ unsqueeze_ xlogy_"
    ),
    "it is a function of a list: autograd.max([x, y, ...])": "amax",
    "it is a function of a list: autograd.min([x, y, ...])": "amin",
    "it is a function of a list: autograd.sum([x, y, ...])": "nansum usum",
    "it is a function of a list: autograd.prod([x, y, ...])": "uprod",
    "it is a function of a list: autograd.mean([x, y, ...])": "nanmean",
    "it is a function of two lists: autograd.dot(xs, ys)": "vdot addbmm addmm addmv baddbmm addr",
    "write it for a list: [x / autograd.norm(xs) for x in xs]": "normalize renorm",
    "write it for a list: autograd.softmax([-x for x in xs])": "softmin",
    "write it for a list: autograd.max(xs) - autograd.min(xs)": "ptp aminmax",
    "write it for a list: itertools.accumulate(xs, autograd.maximum)": "cummax",
    "write it for a list: itertools.accumulate(xs, autograd.minimum)": "cummin",
    "write it for a list: itertools.accumulate(xs, autograd.logaddexp)": "logcumsumexp",
    "write it as abs(x - y), and of lists as autograd.norm([x - y for x, y in zip(xs, ys)])": (
        "dist"
    ),
    "write it as x + c * (y * z), or x + c * (y / z)": "addcmul addcdiv",
    "write it as +x": "positive",
    "write it as -x": "negative",
    "write it as x ** y": "float_power",
    "write it as autograd.floor(x / y)": "floor_divide",
    "write it as a comparison: x <= y, x >= y": "less_equal greater_equal",
    "write it as autograd.maximum(x, y)": "fmax",
    "write it as autograd.minimum(x, y)": "fmin",
    "write it as abs(x) * autograd.sign(y)": "copysign",
    "write it as x * 2.0**n": "ldexp",
    "write it as x + t * (y - x)": "lerp",
    "write autograd.logaddexp(c * x, c * y) / c, with c = math.log(2.0)": "logaddexp2",
    "write autograd.where(autograd.equal(x, 0.0), 0.0, x * autograd.log(y))": "xlogy",
    "write autograd.where(math.isnan(x.data), 0.0, x)": "nan_to_num",
    "it is a function of Python on its number: math.isclose(x.data, y.data)": "isclose allclose",
    "it is a function of Python on its number: math.{name}(x.data)": "frexp",
    "it is a function of Python on its number: math.nextafter(x.data, y)": "nextafter",
    "it is a function of Python on ints: math.{name}(m, n)": "gcd lcm",
    "write it as x.data < 0.0": "signbit",
    "write it as x.data == -math.inf": "isneginf",
    "write it as x.data == math.inf": "isposinf",
    "write it as bool(x)": "is_nonzero",
    "all numbers are real, and complex ones are refused": (
        "angle conj conj_physical resolve_conj resolve_neg isreal is_complex is_conj is_neg H mH"
    ),
    "its number is an int for operators of bits: int(x.data)": (
        "bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor "
        "lshift rshift"
    ),
    "write it with bools of Python, as in x > 0 and not y > 0": (
        "logical_and logical_not logical_or logical_xor all any"
    ),
    "it is no primitive here, and can be one of your own: autograd.primitive(name, forward, "
    "partials)": "lgamma digamma polygamma mvlgamma erfinv i0 igamma igammac",
    "write f'{x:.3f}', or repr(x)": "format",
    "its number is x.data, and pickle.dump(x, file) writes a Value": (
        "dump dumps tobytes tofile hash hash_tensor keccak"
    ),
    "every node keeps its grad, and a graph can be gone through again": "retains_grad",
    "a leaf is a Value whose x.op is autograd.LEAF": "is_param as_param",
    "its graph is autograd.topological_order(x)": (
        "uop schedule_linear linear_with_vars callify call traceback output_nr"
    ),
    "nn.one_hot(index, n) is it, of a whole number": "one_hot",
    "nn.manual_seed(n) is it, for the parts of models": "manual_seed",
    "take it of the numbers of a list, [x.data for x in xs]": (
        "argpartition argwhere partition bincount histogram kthvalue msort searchsorted "
        "count_nonzero nonzero nonzero_static nanmedian nanquantile unique_consecutive std_mean "
        "var_mean corrcoef cov stft istft"
    ),
    "it is of matrices, and a Value is one number: take NumPy's, of [[x.data for x in row] for "
    "row in rows]": (
        "cholesky cholesky_inverse cholesky_solve det geqrf inverse logdet lstsq lu lu_solve "
        "matrix_exp matrix_power orgqr ormqr pinverse qr slogdet solve svd symeig triangular_solve "
        "eig newton_schulz cross tril triu trace kron ger"
    ),
    "a Value is one number, made as autograd.Value(0.5); for more of them [autograd.Value(0.5) "
    "for _ in range(n)]": (
        "arange empty empty_like eye full full_like linspace ones ones_like zeros zeros_like new "
        "new_empty new_empty_strided new_full new_ones new_tensor new_zeros from_blob from_url "
        "const const_like invalids meshgrid"
    ),
    "random numbers are Python's: autograd.Value(random.random())": (
        "rand rand_like randint randn randn_like random_bits randperm uniform normal bernoulli "
        "multinomial threefry"
    ),
    "weights are drawn by init= of a layer, as in nn.Layer(3, 2, init='kaiming_normal')": (
        "glorot_uniform kaiming_normal kaiming_uniform scaled_uniform"
    ),
    "a loss takes lists: nn.binary_cross_entropy(outputs, targets)": "binary_crossentropy_logits",
    "it is a layer of the package nn: nn.Layer(n_in, n_out), nn.Dropout(p), nn.LayerNorm(n), "
    "nn.MultiHeadAttention(n_embd, n_head)": (
        "linear dropout layernorm batchnorm scaled_dot_product_attention"
    ),
    "there is nothing for images: a layer takes a row as one list of numbers, nn.Layer(n_in, "
    "n_out)": (
        "conv2d conv_transpose2d image_conv2d avg_pool2d max_pool2d max_unpool2d interpolate "
        "image_dot decode_hevc_frame"
    ),
    "a Value is one number, so put it in a list": (
        "index index_add index_copy index_fill index_put index_reduce as_strided_scatter "
        "diagonal_scatter masked_scatter scatter_add scatter_reduce select_scatter slice_scatter "
        "masked_select put take take_along_dim choose compress replace repeat_interleave delete "
        "fill values indices"
    ),
    "a Value is one number; its number is x.data": (
        "as_strided broadcast_to expand_as flat flip fliplr flipud hsplit dsplit vsplit moveaxis "
        "movedim narrow narrow_copy ndimension ravel rearrange reshape_as resize resize_as roll "
        "rot90 select slice_inverse split_with_sizes storage storage_offset storage_type stride "
        "strides sum_to_size swapaxes swapdims tensor_split unflatten unfold unsafe_buffer_pointer "
        "unsafe_chunk unsafe_split unsafe_split_with_sizes view_as diag diag_embed diagflat "
        "diagonal pad pad_to shrink shrink_to dim_order max_numel max_shape is_same_size is_set_to "
        "is_contiguous contiguous_backward"
    ),
    "a Value is a float64 in Python's memory": (
        "bfloat16 bitcast byte byteswap cdouble cfloat chalf char cast short is_coalesced is_cpu "
        "is_deleted is_distributed is_floating_point is_fully_addressable is_fully_replicated "
        "is_inference is_ipu is_maia is_meta is_mkldnn is_mps is_mtia is_nested is_pinned "
        "is_quantized is_ready is_shared is_signed is_sparse is_sparse_csr is_vulkan is_xla is_xpu "
        "ipu xpu mtia itemsize element_size nbytes layout pin_memory record_stream "
        "addressable_data addressable_shards global_shards shard shard_like sharding committed "
        "copy_to_host_async "
        "device_buffer device_buffers devices platform ctypes flags setflags base getfield "
        "setfield untyped_storage data_ptr const_data_ptr on_device_size_in_bytes weak_type "
        "to_dense to_device to_mkldnn to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr "
        "to_sparse_coo to_sparse_csc to_sparse_csr sparse_dim sparse_mask coalesce ccol_indices "
        "col_indices crow_indices row_indices smm sspaddmm dense_dim dequantize int_repr "
        "q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point "
        "qscheme get_device grad_dtype"
    ),
    "there is nothing of that kind: a Value is one number, its op and its parents, in plain "
    "Python": "module_load as_subclass reinforce custom_kernel alu ufix sequential",
}
