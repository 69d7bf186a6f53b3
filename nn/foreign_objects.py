"""What activations of other libraries are here, and what parts, models and optimizers have."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from autograd.extending import by_name

# Classes of activations, with the names of those that nn has.
ACTIVATIONS = {
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "GELU": "gelu",
    "SiLU": "silu",
    "Swish": "silu",
    "Softmax": "softmax",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "LogSoftmax": "log_softmax",
    "Softplus": "softplus",
    "LogSigmoid": "log_sigmoid",
    "Activation": "relu",
}

# What models and layers have: weights and settings, which cannot be set here either.
SETTINGS_OF_MODELS = by_name(
    {
        "model.named_parameters(), its weights by path": (
            "kernel bias_hh bias_hh_l0 bias_ih bias_ih_l0 weight_hh weight_hh_l0 weight_ih "
            "weight_ih_l0 all_weights in_proj_bias in_proj_weight k_proj_weight q_proj_weight "
            "v_proj_weight hf hg hi ho if_ ig ii io"
        ),
        "model.rows of an nn.Embedding": "embeddings embedding",
        "init= of a layer when it is made, as in nn.Layer(2, 1, init='zeros'), and nn.LSTM has "
        "recurrent_init=, too": (
            "embeddings_initializer kernel_initializer recurrent_initializer embedding_init "
            "kernel_init recurrent_kernel_init"
        ),
        "the number that biases start from, as in nn.Layer(2, 1, bias=0.1)": (
            "bias_initializer bias_init"
        ),
        "forget_bias=, as in nn.LSTM(2, 3, forget_bias=1.0)": "unit_forget_bias",
        "nothing that could be chosen: a gain starts from 1, and its bias from 0": (
            "beta_initializer gamma_initializer"
        ),
        "penalty= of nn.fit, as in penalty=lambda params: nn.l2(params, 1e-3)": (
            "activity_regularizer beta_regularizer bias_regularizer embeddings_regularizer "
            "gamma_regularizer kernel_regularizer recurrent_regularizer add_loss losses penalty "
            "l1_ratio C alpha"
        ),
        "nothing of that kind: a parameter may be any number": (
            "beta_constraint bias_constraint embeddings_constraint gamma_constraint "
            "kernel_constraint recurrent_constraint max_norm"
        ),
        "n_out of an nn.Layer, n_hidden of a recurrent layer": "units",
    }
)

# And what can be set, as any other attribute of a model can.
OF_MODELS = by_name(
    {
        "a new model of some of its parts, as in nn.Sequential(*net.layers[:-1])": (
            "pop insert extend"
        ),
        "net.layers of an nn.Sequential or nn.MLP, and model.named_modules() of all": (
            "layers layers_ named_steps operations module_paths iter_modules iter_children"
        ),
        "the name that a layer was given, as in nn.Layer(2, 1, 'relu').activation": (
            "activation activation_fn gate_fn nonlin"
        ),
        "net.output of an nn.MLP": "out_activation_",
        "dict(model.named_modules())[path]": "get_submodule",
        "dict(model.named_parameters())[path]": "get_parameter get_variable get_buffer",
        "an attribute that is set, as in net.layers[0] = nn.Layer(2, 3)": (
            "set_submodule set_attributes put_variable set_view"
        ),
        "an attribute that is set in __init__, as in self.w = autograd.Value(0.0)": (
            "add_weight add_variable param variable setup"
        ),
        "model.parameters(), and len() of it": "variables",
        "nothing of that kind: an optimizer trains all the parameters that it is given": (
            "non_trainable_variables non_trainable_weights"
        ),
        "autograd.log_sigmoid(outputs[0]) of a single output, autograd.log_softmax(outputs) of "
        "several, for each row of nn.predict(model, X)": "predict_log_proba",
        "nn.predict(model, X)": (
            "predict_on_batch predict_step make_predict_function predict_function"
        ),
        "nn.evaluate(model, X, y, loss=nn.mse, metrics=[nn.accuracy])": (
            "test_on_batch test_step make_test_function test_function get_metrics_result"
        ),
        "nn.fit(model, X, y, loss=nn.mse, optimizer=adam, epochs=1), which goes on from the "
        "weights as they are": "partial_fit warm_start",
        "nn.train_step(model, nn.mse, optimizer), a function of a batch": (
            "train_step make_train_function train_function"
        ),
        "loss= and metrics= of nn.fit, which computes them": (
            "compiled compute_loss compute_metrics stateless_compute_loss compile_from_config "
            "get_compile_config metrics_names metrics_variables reset_metrics add_metric criterion"
        ),
        "jit=True of nn.fit, or autograd.jit(model)": (
            "jit_compile supports_jit run_eagerly steps_per_execution"
        ),
        "len(history), of what nn.fit returns": "n_iter_ t_",
        'history["loss"][-1], of what nn.fit returns': "loss_",
        'min(history["loss"]), of what nn.fit returns': "best_loss_",
        'history["val_loss"], of what nn.fit returns': "validation_scores_",
        'min(history["val_loss"]), of what nn.fit returns': "best_validation_score_",
        "epochs= and patience= of nn.fit": (
            "max_iter max_fun tol n_iter_no_change early_stopping validation_fraction"
        ),
        "epochs=, batch_size=, seed= and progress= of nn.fit": "batch_size shuffle verbose",
        "an option of the optimizer, as in nn.SGD(model.parameters(), lr=0.1, momentum=0.9)": (
            "learning_rate_init power_t momentum nesterovs_momentum beta_1 beta_2 epsilon solver"
        ),
        "seed= or rng= of a part when it is made, and seed= of nn.fit": (
            "random_state seed seed_generator rngs make_rng has_rng rng_collection"
        ),
        "bias=, as in nn.Layer(2, 1, bias=False)": "fit_intercept use_bias",
        "weight= of nn.cross_entropy, a number for each class": "class_weight",
        "net.n_in of an nn.MLP, and model.preparation.input_names": "n_features_in_",
        "n_out of an nn.Layer, sizes[-1] of an nn.MLP": "n_outputs_ n_classes_",
        "len(net.layers), of an nn.MLP": "n_layers_",
        "n_in and n_out, or sizes: how many numbers go in and come out": (
            "input output input_shape output_shape input_spec inputs outputs input_names "
            "output_names input_dtype output_size compute_output_shape compute_output_spec "
            "in_channels out_channels features hidden_features feature_axes"
        ),
        "n_hidden, of a recurrent layer": "hidden_size input_size proj_size",
        "gradients by the inputs of a row: autograd.gradients(model(xs)[0], xs), with xs = "
        "[autograd.Value(x) for x in row]": "feature_importances_",
        "scikit-learn's: GridSearchCV and its like take nn.sklearn.NetClassifier": (
            "best_estimator_ best_index_ best_params_ best_score_ cv cv_results_ n_splits_ refit "
            "refit_time_ scorer_ scoring multimetric_ param_grid pre_dispatch return_train_score "
            "error_score estimator"
        ),
        "scikit-learn's: nn.sklearn.NetClassifier and NetRegressor are its estimators": (
            "set_fit_request set_partial_fit_request set_score_request get_metadata_routing "
            "set_output set_callbacks get_feature_names_out memory transform_input steps"
        ),
        "nothing of that kind: it is a net, and no forest of trees": (
            "estimator_ estimator_params estimators_ estimators_samples_ n_estimators max_depth "
            "max_features max_leaf_nodes max_samples min_impurity_decrease min_samples_leaf "
            "min_samples_split min_weight_fraction_leaf oob_score bootstrap ccp_alpha "
            "monotonic_cst decision_path"
        ),
        "nothing of that kind: it has one solver, the optimizer, in one process": (
            "n_jobs dual intercept_scaling densify sparsify"
        ),
        "model(x) of a row x": (
            "call quantized_call rematerialized_call stateless_call symbolic_call "
            "call_signature_parameters"
        ),
        "nothing that is needed: a part has its parameters as soon as it is made": (
            "build built build_from_config get_build_config init init_with_output lazy_init "
            "is_initializing call_super_init"
        ),
        "nothing that could be chosen: it computes in float64, in Python": (
            "autocast bfloat16 dtype_policy compute_dtype param_dtype promote_dtype variable_dtype "
            "ipu mtia xpu preferred_element_type to_empty precision"
        ),
        "model.state_dict() and model.load_state_dict(state)": (
            "T_destination dump_patches get_extra_state set_extra_state load_own_variables "
            "save_own_variables variable_serialization_spec get_state_tree set_state_tree "
            "register_load_state_dict_post_hook register_load_state_dict_pre_hook "
            "register_state_dict_post_hook register_state_dict_pre_hook"
        ),
        "the class with its settings, as in nn.MLP(**net.settings())": "from_config",
        "a Module of your own, whose forward looks at its x first": "register_forward_pre_hook",
        "p.grad of each parameter, after loss.backward()": (
            "register_backward_hook register_full_backward_hook register_full_backward_pre_hook"
        ),
        "a Module of your own, whose forward keeps what it computes, as in self._out = ...": (
            "sow perturb"
        ),
        "print(model), or model.draw()": "tabulate extra_repr",
        "ignore_index= of nn.cross_entropy, which leaves rows of padding out": (
            "compute_mask supports_masking mask_zero padding_idx padding_mode zero_output_for_mask "
            "merge_masks padding"
        ),
        "nothing for images: nn.Layer takes a row as one list of numbers": (
            "kernel_size stride dilation groups output_padding transposed"
        ),
        "gain= and bias= of nn.LayerNorm(n)": (
            "affine elementwise_affine center scale normalized_shape num_features"
        ),
        "nothing of that kind: nn.LayerNorm and nn.RMSNorm see one row at a time": (
            "running_mean running_var num_batches_tracked track_running_stats reset_running_stats "
            "rms_scaling"
        ),
        "eps= of nn.LayerNorm(n) and of an optimizer": "eps",
        "p, of nn.Dropout(p) between layers, in nn.Sequential": (
            "p rate dropout recurrent_dropout noise_shape broadcast_dims get_dropout_mask "
            "get_recurrent_dropout_mask reset_dropout_mask reset_recurrent_dropout_mask inplace"
        ),
        "model.training, which model.train() and model.eval() set": "deterministic mode",
        "all outputs of a layer, and nn.Last() takes the last": "return_sequences",
        "layer.run(xs), which returns the outputs and the last state": "return_state",
        "the start, cell.start(), and layer.run(xs, state) goes on from a state": (
            "stateful states state_size get_initial_state initialize_carry carry_init reset_state "
            "reset_states single_state"
        ),
        "a second layer that reads xs[::-1]": "bidirectional go_backwards",
        "layer.cell and layer.upper of a recurrent layer": "cell num_layers",
        "nothing that could be chosen: a cell is that of its paper": (
            "recurrent_activation reset_after use_cudnn implementation unroll "
            "check_forward_args check_hidden_size check_input flatten_parameters "
            "get_expected_cell_size get_expected_hidden_size permute_hidden"
        ),
        "a list of rows, one sequence at a time": "batch_first axis time_major",
        "attention.heads and attention.projection of an nn.MultiHeadAttention": (
            "head_dim num_heads embed_dim kdim vdim key_dim value_dim out_proj key_dense "
            "output_dense query_dense value_dense attention_axes add_zero_attn bias_k bias_v nhead "
            "d_model"
        ),
        "causal=True of nn.MultiHeadAttention, which is its default": (
            "generate_square_subsequent_mask"
        ),
        "encoder and decoder of an nn.EncoderDecoder": "encoder decoder",
        "nn.Embedding(n, dim), with n and dim": (
            "num_embeddings embedding_dim sparse scale_grad_by_freq norm_type"
        ),
        "autograd.dot(row, x), for each of embedding.rows": "attend",
        "nothing of that kind: each parameter is a float64 of its own": (
            "enable_lora lora_alpha lora_enabled lora_rank quantization_config quantization_mode "
            "quantize quantized_build get_quantization_layer_structure"
        ),
        "no name of its own: a part is called as the attribute that keeps it, see "
        "model.named_modules()": "name path parent scope",
        "nothing of that kind: a part keeps its parameters itself, under its attributes": (
            "bind unbind has_variable is_mutable_collection"
        ),
        "nothing of that kind: a model is its parts, their parameters and a forward, in plain "
        "Python": "dot_general dot_general_cls inner_loop num_feature_axes torch_params",
    }
)

# What optimizers have.
OF_OPTIMIZERS = by_name(
    {
        "optimizer.betas, of nn.Adam and nn.AdamW": "beta_1 beta_2 b1 b2 beta1 beta2",
        "optimizer.eps, of nn.Adam and its like": "epsilon eps",
        "nothing that is kept: the powers of betas follow from optimizer.t": "b1_t b2_t",
        "momentum= and nesterov= of nn.SGD": "momentum nesterov",
        "weight_decay= of nn.AdamW and of nn.SGD": (
            "weight_decay wd use_weight_decay exclude_from_weight_decay"
        ),
        "nothing: it is left out": "amsgrad fused",
        "optimizer.state, a tuple of numbers for each parameter": "m v opt_state buffers",
        "optimizer.state_dict(), which json.dump writes, and optimizer.load_state_dict(state)": (
            "register_load_state_dict_post_hook register_load_state_dict_pre_hook "
            "register_state_dict_post_hook register_state_dict_pre_hook load_own_variables "
            "save_own_variables set_weights variables"
        ),
        "optimizer.params and optimizer.kept, which are there as soon as it is made": (
            "build built add_optimizer_variables add_variable add_variable_from_reference"
        ),
        "optimizer.options()": "get_config from_config",
        "clip_norm= of nn.fit, or nn.clip_grad_norm(params, max_norm) before step()": (
            "clipnorm global_clipnorm"
        ),
        "nn.clip_grad_value(params, limit) before step()": "clipvalue",
        "schedule= of nn.fit, as in schedule=nn.schedules.cosine(100)": (
            "T_max base_lrs last_epoch eta_min gamma step_size lr_lambdas total_steps "
            "cycle_momentum use_beta1 recursive_undo graph"
        ),
        "schedule= of nn.fit, as in schedule=nn.ReduceOnPlateau()": (
            "best cooldown cooldown_counter default_min_lr factor in_cooldown min_lrs mode "
            "mode_worse num_bad_epochs patience threshold threshold_mode"
        ),
        "a line of your own before or after optimizer.step(), or a subclass with its own step": (
            "OptimizerPostHook OptimizerPreHook register_step_post_hook register_step_pre_hook "
            "profile_hook_step"
        ),
        "optimizer.step()": "apply stateless_apply update_step schedule_step",
        "loss.backward() several times before one optimizer.step(), as gradients add up": (
            "gradient_accumulation_steps"
        ),
        "p.data = x of a parameter, as in p.data -= 0.1": "assign assign_add assign_sub",
        "nothing of that kind: no average of weights is kept": (
            "ema_momentum ema_overwrite_frequency use_ema finalize_variable_values"
        ),
        "nothing that could be chosen: it computes in float64, in Python": (
            "loss_scale_factor scale_loss device param_dtype"
        ),
        "type(optimizer).__name__": "name Adam adam",
        "optimizer itself, with optimizer.params": "optimizer tx wrt",
    }
)

# What schedules have that watch a metric.
OF_PLATEAUS = by_name(
    {
        "plateau.gamma, by which the factor falls": "alpha decay_rate",
        "plateau.factor, which times optimizer.lr is the rate": (
            "get_lr base_lrs initial_learning_rate"
        ),
        "nothing of that kind: the rate has no lowest value": "min_lrs default_min_lr eta_min eps",
        "nothing of that kind: any lower metric is better": (
            "mode mode_worse threshold threshold_mode"
        ),
        "nothing of that kind: it counts from 0 again at once": (
            "cooldown cooldown_counter in_cooldown"
        ),
        "vars(plateau)": "state_dict load_state_dict get_config from_config",
        "nothing that it keeps: nn.fit counts the epochs, and the optimizer its steps, "
        "optimizer.t": "last_epoch optimizer",
        "another schedule, as in nn.schedules.cosine(100): this one knows gamma and patience "
        "alone": (
            "T_max cycle_momentum decay_steps lr_lambdas name recursive_undo staircase step_size "
            "total_steps use_beta1 warmup_steps warmup_target"
        ),
    }
)
