"""What other libraries call things, and what they are here."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .formulas import FORMULAS, by_name
from .seldom import SELDOM

_NUMPY = (
    "functions of single numbers: sin(x) for np.sin(x) after `from autograd import sin`, lists for "
    "arrays, dot(xs, ys) for np.dot(xs, ys). To have HIPS/autograd, another package of the name "
    "autograd, install it in an environment of its own"
)
_ZEROS = "a list, [0.0] * n"
_DRAWN = "a list of numbers, [random.gauss(0.0, 1.0) for _ in range(n)]"
_JOINED = "a list, as in [*xs, *ys]"
_SHAPE = "a list, which has no shape: build it anew, as in [row[0] for row in rows]"
_EACH = "[f(x) for x in xs]"
_CONSTANT = "Python's own: from math import {name}"
_REAL = "nothing of its own: all numbers are real, and complex ones are refused"
_INPLACE = "x = relu(x) and so on: a result is a new Value, and changes none"
_OWN = "a primitive of your own: autograd.primitive(name, forward, partials)"
_NUMBERS = "taken of plain numbers, [x.data for x in xs], by Python or NumPy"
_GRADIENT = "`with autograd.no_grad():` around what needs no gradient"
_LOOP = "a loop of Python, which jit finds again in what it records"
_FLOAT = "nothing that could be chosen: it computes in float64, in Python"
_PYTHON = "Python alone: print(x) shows a Value, draw(x) its graph"

# What is asked of the module `autograd`: by what to write, the names.
_NAMES = by_name(
    {
        # a number, and lists of them
        "autograd.Value(number), for each number of a list": (
            "tensor Tensor as_tensor convert_to_tensor DoubleTensor FloatTensor"
        ),
        "autograd.Value(number), for each number of array.tolist()": "from_numpy",
        "autograd.Value(number)": "Variable Parameter Scalar Number Var Node Dual constant scalar",
        "a list of numbers or Values": "array asarray ndarray Array DeviceArray",
        _NUMPY: "numpy np jnp scipy special math",
        _ZEROS: "zeros empty zeros_like empty_like",
        "a list, [1.0] * n": "ones ones_like",
        "a list, [x] * n": "full full_like tile repeat repeat_interleave",
        "a list of lists, [[float(i == j) for j in range(n)] for i in range(n)]": "eye",
        "range(n)": "arange",
        "a list, [low + i * (high - low) / (n - 1) for i in range(n)]": "linspace",
        "a list, [10.0 ** x for x in exponents]": "logspace geomspace",
        "a list of numbers, [random.random() for _ in range(n)]": "rand uniform rand_like",
        _DRAWN: "randn normal randn_like",
        "a list of numbers, [random.randrange(low, high) for _ in range(n)]": "randint",
        "random.sample(range(n), n), of Python's module random": "randperm permutation",
        "Python's module random, and rng= or seed= of what draws numbers": (
            "random seed PRNGKey bernoulli multinomial distributions Generator"
        ),
        _JOINED: "stack cat concat concatenate append hstack vstack column_stack dstack insert",
        _SHAPE: (
            "reshape view squeeze unsqueeze expand_dims flatten ravel permute swapaxes moveaxis "
            "broadcast_to expand atleast_1d atleast_2d newaxis shape ndim size numel"
        ),
        "[list(column) for column in zip(*rows)]": "transpose matrix_transpose t",
        "a slice of a list, as in xs[:n]": "chunk split narrow array_split delete",
        "xs[::-1]": "flip flipud fliplr",
        "xs[-n:] + xs[:-n]": "roll",
        "[y - x for x, y in zip(xs, xs[1:])]": "diff ediff1d",
        "[row[i] for i, row in enumerate(rows)]": "diag diagonal",
        "autograd.sum([row[i] for i, row in enumerate(rows)]); nn.trace(model) is of a model": (
            "trace"
        ),
        # functions of two numbers
        "an operator, one of x + y, x - y, x * y, x / y, x ** y, x % y, -x": (
            "add sub subtract mul multiply div divide true_divide mod fmod remainder neg negative "
            "floor_divide float_power positive"
        ),
        "an operator, one of x < y, x <= y, x > y, x >= y, or autograd.equal(x, y)": (
            "lt le gt ge eq ne less_equal greater_equal not_equal"
        ),
        "autograd.pow(x, y)": "power",
        "autograd.atan2(y, x)": "arctan2",
        "autograd.maximum(x, y)": "fmax",
        "autograd.minimum(x, y)": "fmin",
        "autograd.logaddexp(c * x, c * y) / c, with c = math.log(2.0)": "logaddexp2",
        "abs(x) * autograd.sign(y)": "copysign",
        "x + t * (y - x)": "lerp",
        "an operator of Python on bools, and autograd.where(condition, a, b)": (
            "logical_and logical_or logical_not logical_xor bitwise_and bitwise_or"
        ),
        "a function of Python on its number, as in math.isnan(x.data)": (
            "isnan isinf isfinite isclose allclose array_equal nan_to_num"
        ),
        # functions of lists
        "autograd.dot(row, x) for each row": "matmul mm mv bmm addmm",
        "autograd.dot(xs, ys) of lists": "einsum inner vdot vecdot tensordot",
        "[[x * y for y in ys] for x in xs]": "outer ger kron",
        "autograd.max(xs)": "amax nanmax reduce_max",
        "autograd.min(xs)": "amin nanmin reduce_min",
        "autograd.sum(xs)": "nansum reduce_sum add_n fsum",
        "autograd.mean(xs)": "nanmean average reduce_mean",
        "max(range(len(xs)), key=lambda i: xs[i].data), by Python's max": "argmax nanargmax",
        "min(range(len(xs)), key=lambda i: xs[i].data), by Python's min": "argmin nanargmin",
        "Python's sorted(xs, key=lambda x: x.data)": "sort msort argsort topk top_k",
        "list(itertools.accumulate(xs))": "cumsum cumulative_sum nancumsum",
        "list(itertools.accumulate(xs, operator.mul))": "cumprod cumulative_prod",
        "list(itertools.accumulate(xs, autograd.logaddexp))": "logcumsumexp",
        "autograd.mean([(x - m) ** 2 for x in xs]), with m = autograd.mean(xs)": (
            "var nanvar variance reduce_variance moments"
        ),
        "autograd.sqrt(autograd.mean([(x - m) ** 2 for x in xs])), with m = autograd.mean(xs)": (
            "std nanstd reduce_std"
        ),
        "autograd.max(xs) - autograd.min(xs)": "ptp",
        "autograd.logsumexp(xs)": "reduce_logsumexp log_sum_exp",
        "autograd.logsumexp(xs) - math.log(len(xs))": "logmeanexp",
        "autograd.softmax([-x for x in xs])": "softmin",
        "[a * autograd.sigmoid(b) for a, b in zip(xs[:n], xs[n:])]": "glu",
        "[x / autograd.norm(xs) for x in xs]": "normalize l2_normalize",
        "autograd.norm(xs)": "l2_norm vector_norm",
        "autograd.norm([x - y for x, y in zip(xs, ys)])": "dist pairwise_distance cdist",
        "autograd.dot(xs, ys) / (autograd.norm(xs) * autograd.norm(ys))": "cosine_similarity",
        "autograd.where(condition, a, b)": (
            "cond select ifelse switch masked_fill piecewise masked_select"
        ),
        "autograd.take(values, index)": "gather index_select take_along_axis take_along_dim choose",
        "autograd.clip(x, low, high)": "clamp clip_by_value clamp_min clamp_max",
        "autograd.where(x > threshold, x, value)": "threshold",
        "Horner's rule in a loop, y = y * x + c": "polyval",
        _NUMBERS: (
            "median nanmedian mode percentile quantile histogram bincount unique searchsorted "
            "meshgrid interp convolve correlate nonzero argwhere any all fft linalg corrcoef cov "
            "trapezoid tril triu cross count_nonzero det inv inverse pinv pinverse svd qr cholesky "
            "eig eigh solve lstsq slogdet logdet matrix_power matrix_exp matrix_rank poly polyfit "
            "roots vander tril_indices triu_indices tri mgrid ogrid isin digitize bucketize "
            "kthvalue signbit frexp ldexp nextafter gcd lcm hamming hanning std_mean var_mean "
            "block_diag combinations cartesian_prod rot90 histogramdd histogram2d trapz renorm "
            "unfold stft einsum_path nanquantile extract compress setdiff1d union1d intersect1d "
            "divmod modf"
        ),
        _REAL: (
            "real imag conj conjugate angle complex iscomplex isreal is_complex complex64 "
            "complex128 polar view_as_real view_as_complex"
        ),
        _INPLACE: (
            "relu_ sigmoid_ tanh_ exp_ log_ sqrt_ abs_ sin_ cos_ clamp_ clip_ elu_ leaky_relu_ "
            "selu_ celu_ hardtanh_ rrelu_ threshold_ neg_ square_ reciprocal_ dropout_ zero_ fill_ "
            "detach_"
        ),
        "a list of Python, as in xs[i] = x": (
            "put scatter scatter_add index_add index_put index_copy index_fill fill_diagonal fill "
            "masked_scatter place put_along_axis"
        ),
        "for x in xs, as a list is one already": "unbind unstack iterable",
        "autograd.identity(x), or x.detach() for a leaf of its own": "clone copy",
        "autograd.where(autograd.equal(x, 0.0), 0.0, x * autograd.log(y))": "xlogy",
        "list(itertools.accumulate(xs, autograd.maximum))": "cummax",
        "list(itertools.accumulate(xs, autograd.minimum))": "cummin",
        _CONSTANT: "pi e inf nan tau",
        _OWN: (
            "lgamma gammaln gamma digamma polygamma erfinv erfcinv i0 i1 j0 j1 betaln beta "
            "custom_jvp custom_vjp custom_gradient custom_function defvjp defjvp defgrad "
            "defvjp_all extend Function Op RegisterGradient"
        ),
        # derivatives
        "y.backward()": "backward run_backward",
        "y.backward(), or autograd.grad(f)": "GradientTape Tape gradient",
        "what holds outside `with autograd.no_grad():`": "enable_grad",
        _GRADIENT: "set_grad_enabled inference_mode stop_recording",
        "x.detach(), or autograd.stop_gradient(x)": "detach getval",
        "[autograd.grad(f)(x) for x in xs]": "elementwise_grad egrad",
        _EACH: "vmap pmap map tree_map vectorize pytree tree tree_util xmap apply_along_axis",
        _LOOP: "scan fori_loop while_loop associative_scan",
        "loops of Python, and autograd.where(condition, a, b) for cond and select": "lax",
        _FLOAT: (
            "device_put device device_get devices cuda cpu to dtype float16 float32 float64 "
            "bfloat16 int32 int64 int8 half double long set_default_dtype set_default_device "
            "get_default_dtype backends config is_tensor is_available astype block_until_ready "
            "result_type finfo iinfo bool int int8 int16 uint8 uint32 float short "
            "set_default_tensor_type set_num_threads set_float32_matmul_precision "
            "use_deterministic_algorithms autocast GradScaler mps Stream Event Size device_count "
            "local_devices default_device set_mesh make_mesh sharding Mesh shard_map enable_x64 "
            "is_grad_enabled dtypes"
        ),
        "autograd.jacobian(f)": "jacfwd jacrev make_jacobian",
        "autograd.jvp(f, [x], [t])": (
            "make_jvp linearize deriv forward_derivative make_jvp_reversemode"
        ),
        "autograd.vjp(f, x)": "make_vjp linear_transpose",
        "autograd.hvp(f, [x], [t])": (
            "make_hvp hessian_vector_product hessian_tensor_product make_ggnvp"
        ),
        "autograd.hvp(f, [x], [t]), or autograd.jacobian(f)": (
            "tensor_jacobian_product vector_jacobian_product jacobian_vector_product"
        ),
        "autograd.grad(f), by argnums=": "multigrad multigrad_dict grad_named holomorphic_grad",
        "autograd.value_and_grad(f)": "grad_and_value grad_and_aux val_and_grad",
        "autograd.check_gradients(f, x)": (
            "gradcheck gradgradcheck check_grads check_grad quick_grad_check nd test_util "
            "check_vjp check_jvp"
        ),
        "autograd.detect_anomaly()": "set_detect_anomaly debug_nans",
        "nothing that is needed: all of a graph stays in memory": "checkpoint remat",
        "autograd.heaviside(x)": "step",
        # programs and pictures
        "autograd.jit(f)": "compile njit function script tracing",
        "autograd.jit(f), whose program print() shows": "make_jaxpr xla_computation lower",
        "autograd.draw(root)": (
            "draw_dot draw_graph make_dot plot_graph visualize trace_graph graph"
        ),
        "autograd.topological_order(root)": (
            "topo build_topo toposort topological_sort deepwalk tracer"
        ),
        _PYTHON: "debug profiler set_printoptions callback pure_callback",
        # parts of the package nn
        "the package nn: from nn import MLP, Layer": "nn",
        "the optimizers of the package nn: from nn import SGD, Adam": (
            "optim optimizers optimize optax misc"
        ),
        "the class Value: from autograd import Value": "engine value variable ops",
        "pickle.dump(x, file), or model.save(path) and nn.load(path)": "save load",
        "nn.manual_seed(n)": "manual_seed set_random_seed",
        "nn.{name}": (
            "Answer Block Checkpoint DivergenceWarning Dropout Each Embedding EncoderDecoder "
            "GPT GRU GRUCell History LSTM LSTMCell Last Layer LayerNorm MLP Module "
            "MultiHeadAttention Neuron Optimizer Preparation RMSNorm RNN RNNCell "
            "ReduceOnPlateau Sequential StateError SGD Adagrad Adam AdamW RMSprop accuracy "
            "answer bag_of_words balanced_accuracy binary_cross_entropy clip_grad_norm "
            "clip_grad_value confusion_matrix cross_entropy data descend diagnose evaluate "
            "export f1 fit generate gradient_by_lag hinge huber init l1 l2 losses lr_range_test "
            "mae metrics mse one_hot plots precision predict r2 read_state recall schedules "
            "train_step training training_page"
        ),
        "nn.Layer(n_in, n_out)": "Linear Dense",
        "the functions of autograd and the losses of nn": "F",
        "grad, jacobian, hessian and others, in autograd itself": (
            "differential_operators differential_operator wrap_util"
        ),
        "Python's own lists, tuples and dicts, of numbers and Values": (
            "builtins container_types SequenceBox"
        ),
    }
)

ELSEWHERE = SELDOM | FORMULAS | _NAMES
