"""Names of other libraries that few ask for, and what they are here.

They are loaded where a name is asked for that is not there.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .formulas import by_name

# What is asked of the module `autograd`: by what to write, the names.
SELDOM = by_name(
    {
        "`with autograd.no_grad():` around what needs no gradient": "grad_mode",
        "autograd.detect_anomaly()": "anomaly_mode debug_infs check_tracer_leaks checking_leaks",
        "autograd.jvp(f, [x], [t])": "forward_ad fwAD",
        "autograd.hvp(f, [x], [t])": "vhp",
        "y.backward(), then x.grad": "fwd_and_bwd",
        "a primitive of your own: autograd.primitive(name, forward, partials)": (
            "NestedIOFunction custom_batching custom_derivatives closure_convert linear_util core "
            "ffi pure_callback softmax_custom_jvp primitive_with_deprecation_warnings util"
        ),
        "[autograd.grad(f)(x) for x in xs], and model(x) of an nn.Module": (
            "functional_call stack_module_state functionalize debug_unwrap "
            "replace_all_batch_norm_modules_"
        ),
        "autograd.jit(f), and f.source(*args) shows its program": (
            "eval_shape interpreters stages api_util clear_caches disable_jit log_compiles "
            "explain_cache_misses checkpoint_policies ensure_compile_time_eval named_call "
            "named_scope no_tracing no_execution smap jax2tf_associative_scan_reductions"
        ),
        "Python alone: print(x) shows a Value, draw(x) its graph": (
            "profiler_legacy profiler_util ProfilerActivity ProfilerConfig ProfilerEvent "
            "ProfilerState kineto_available monitoring live_arrays print_environment_info "
            "array_repr array_str get_printoptions printoptions memory"
        ),
        "Python's module random, and rng= or seed= of what draws numbers": (
            "default_prng_impl enable_custom_prng legacy_prng_key threefry_partitionable "
            "debug_key_reuse"
        ),
        "nn.layers: nn.MultiHeadAttention(n_embd, n_head)": "dot_product_attention",
        "nn.data.standardize(X)": "standardize",
        "init= of a layer of the package nn": "initializers",
        "autograd.log(1.0 - autograd.exp(-x))": "log1mexp",
        "autograd.clip((x + 1.0) / 2.0, 0.0, 1.0)": "sparse_sigmoid",
        "autograd.where(x < 1.0, autograd.relu(x + 1.0) ** 2 / 4.0, x)": "sparse_plus",
        "no primitive here, and can be one of your own: autograd.primitive(name, forward, "
        "partials)": (
            "bessel_jn betainc boxcox boxcox1p comb dawsn entr erfcx exp1 expi expn factorial "
            "fresnel gammainc gammaincc gammasgn hyp1f1 hyp2f1 i0e i1e kl_div log_ndtr loggamma "
            "multigammaln ndtr ndtri owens_t poch rel_entr sici spence sph_harm_y wofz xlog1py "
            "zeta"
        ),
        "a list, which has no shape: build it anew, as in [row[0] for row in rows]": (
            "atleast_3d permute_dims resize rollaxis broadcast_arrays broadcast_shapes hsplit "
            "vsplit dsplit c_ r_ s_ ix_ index_exp indices diag_indices diag_indices_from diagflat "
            "mask_indices tril_indices_from triu_indices_from ravel_multi_index unravel_index "
            "trim_zeros pad flatten rearrange"
        ),
        "a function of Python on its number, as in math.isinf(x.data)": (
            "isneginf isposinf isscalar isrealobj iscomplexobj array_equiv spacing"
        ),
        "autograd.dot(row, x) for each row": "matvec vecmat",
        "list(itertools.accumulate(xs, operator.mul))": "nancumprod",
        "autograd.prod(xs)": "nanprod",
        "Horner's rule in a loop, y = y * x + c": "polyadd polyder polydiv polyint polymul polysub",
        "an operator of Python on ints, int(x.data)": (
            "bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_right_shift "
            "bitwise_xor invert left_shift right_shift packbits unpackbits"
        ),
        "taken of plain numbers, [x.data for x in xs], by Python or NumPy": (
            "argpartition partition lexsort sort_complex flatnonzero histogram_bin_edges "
            "nanpercentile setxor1d unique_all unique_counts unique_inverse unique_values unwrap "
            "bartlett blackman kaiser apply_over_axes fromfunction fromiter frompyfunc fromfile "
            "fromstring frombuffer from_dlpack dlpack savez euler_gamma ufunc"
        ),
        "autograd.Value(number), for each number of a list": (
            "Ref new_ref empty_ref free_ref freeze array_ref ShapeDtypeStruct SavedTensor"
        ),
        "nothing that could be chosen: it computes in float64, in Python": (
            "complexfloating float0 float4_e2m1fn float6_e2m3fn float6_e3m2fn float8_e3m4 "
            "float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz float8_e5m2 "
            "float8_e5m2fnuz float8_e8m0fnu floating int1 int2 int4 uint1 uint16 uint2 uint4 "
            "uint64 uint integer character cdouble csingle single generic inexact number flexible "
            "signedinteger unsignedinteger object_ promote_types can_cast isdtype issubdtype "
            "ComplexWarning default_backend default_matmul_precision numpy_dtype_promotion "
            "numpy_rank_promotion typeof allow_f16_reductions auto_pcast enable_checks "
            "enforce_grad_layout_policy is_tensor_like"
        ),
        "nothing to be chosen: it computes in one process": (
            "NamedSharding Shard reshard copy_to_host_async host_count host_id host_ids "
            "transfer_guard_device_to_host transfer_guard_host_to_device process_count "
            "process_index process_indices local_device_count make_array_from_callback "
            "make_array_from_process_local_data make_array_from_single_device_arrays "
            "transfer_guard transfer_guard_device_to_device distributed P "
            "remove_size_one_mesh_axis_from_type effects_barrier thread_guard make_user_context "
            "array_garbage_collection_guard is_multithreading_enabled set_multithreading_enabled "
            "is_view_replay_enabled get_scaled_dot_general_config scaled_dot_general scaled_matmul"
        ),
        "no part of it: what it has, dir(autograd) lists": "experimental image",
    }
)

# What is asked of a picture or a page, as of one of Graphviz or matplotlib.
OF_PICTURES = by_name(
    {
        "autograd.draw(root).dot, a graphviz.Digraph": (
            "attr node edge edges subgraph body clear graph_attr node_attr edge_attr comment "
            "directory filename filepath engine encoding format formatter renderer strict "
            "unflatten directed edge_attr name copy unflatten"
        ),
        "nothing of that kind: it is a text in SVG, which save(path) writes": (
            "add_artist add_axes add_axobserver add_callback add_gridspec add_subfigure "
            "add_subplot align_labels align_titles align_xlabels align_ylabels artists "
            "autofmt_xdate axes bbox bbox_inches canvas clf clipbox colorbar contains "
            "convert_xunits convert_yunits delaxes dpi dpi_scale_trans draw draw_artist "
            "draw_without_rendering figbbox figimage figure findobj format_cursor_data frameon gca "
            "get_agg_filter get_alpha get_animated get_axes get_children get_clip_box get_clip_on "
            "get_clip_path get_constrained_layout get_constrained_layout_pads get_cursor_data "
            "get_default_bbox_extra_artists get_dpi get_edgecolor get_facecolor get_figheight "
            "get_figure get_figwidth get_frameon get_gid get_in_layout get_label get_layout_engine "
            "get_linewidth get_mouseover get_path_effects get_picker get_rasterized "
            "get_size_inches get_sketch_params get_snap get_suptitle get_supxlabel get_supylabel "
            "get_tight_layout get_tightbbox get_transform get_transformed_clip_path_and_affine "
            "get_url get_visible get_window_extent get_zorder ginput have_units images "
            "is_transform_set legend legends lines mouseover number patch patches pchanged pick "
            "pickable properties remove remove_callback sca set set_agg_filter set_alpha "
            "set_animated set_canvas set_clip_box set_clip_on set_clip_path set_constrained_layout "
            "set_constrained_layout_pads set_dpi set_edgecolor set_facecolor set_figheight "
            "set_figure set_figwidth set_frameon set_gid set_in_layout set_label set_layout_engine "
            "set_linewidth set_mouseover set_path_effects set_picker set_rasterized "
            "set_size_inches set_sketch_params set_snap set_tight_layout set_transform set_url "
            "set_visible set_zorder stale stale_callback sticky_edges subfigs subfigures "
            "subplot_mosaic subplotpars subplots subplots_adjust suppressComposite suptitle "
            "supxlabel supylabel text texts tight_layout transFigure transSubfigure update "
            "update_from waitforbuttonpress zorder"
        ),
    }
)
