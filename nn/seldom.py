"""Names of other libraries that few ask for, and what they are here.

They are loaded where a name is asked for that is not there.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from autograd.extending import by_name

# What is asked of the modules of nn: by what to write, the names.
SELDOM = by_name(
    {
        "init='kaiming_normal' of a layer": "kaiming he",
        "no layer of its own: nn.Layer takes a row as one list of numbers": (
            "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D "
            "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D FractionalMaxPool3d "
            "GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D "
            "GlobalMaxPool3D adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices "
            "adaptive_max_pool3d_with_indices fractional_max_pool2d_with_indices "
            "fractional_max_pool3d fractional_max_pool3d_with_indices max_pool1d_with_indices "
            "max_pool2d_with_indices max_pool3d_with_indices Convolution1D Convolution1DTranspose "
            "Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose "
            "DepthwiseConv1D SeparableConv1D SeparableConvolution1D SeparableConvolution2D "
            "ConvLocal ConvLSTMCell conv_tbc pool pooling min_pool max_pool avg_pool "
            "upsample_bilinear upsample_nearest native_channel_shuffle RandomBrightness "
            "RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
            "RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale RandomHue "
            "RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness "
            "RandomShear RandomTranslation RandomZoom RandAugment AugMix AutoContrast CutMix MixUp "
            "ContrastLimitedAdaptiveHistogramEqualization Equalization Solarization MelSpectrogram "
            "STFTSpectrogram MaxNumBoundingBoxes bounding_boxes"
        ),
        "nn.LayerNorm(n) or nn.RMSNorm(n), which see one row at a time": (
            "LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LayerNorm2d CrossMapLRN2d "
            "UnitNormalization SpectralNormalization"
        ),
        "nn.Dropout(p) between layers, in nn.Sequential": "SpatialDropout2D SpatialDropout3D",
        "nn.Layer(n_in, n_out)": "EinsumDense LinearGeneral LoRALinear",
        "nn.Embedding(n, dim)": "ReversibleEmbedding",
        "nn.RNN, nn.GRU and nn.LSTM, with layers= for several": (
            "RNNCellBase MGUCell OptimizedLSTMCell StackedRNNCells"
        ),
        "nn.MultiHeadAttention(n_embd, n_head)": (
            "GroupQueryAttention dot_product_attention_weights multi_head_attention_forward"
        ),
        "causal=True of nn.MultiHeadAttention, which is its default": (
            "make_causal_mask make_attention_mask combine_masks"
        ),
        "penalty=lambda params: nn.l2(params, 1e-3) of nn.fit": (
            "ActivityRegularization OrthogonalRegularizer Regularizer orthogonal_regularizer "
            "l2_loss add_decayed_weights AddDecayedWeightsState"
        ),
        "a Module of your own, whose forward says it": (
            "BatchApply batch_apply Wrapper TFSMLayer JaxLayer FlaxLayer TorchModuleWrapper "
            "Operation Discretization Hashing HashedCrossing FeatureSpace recursive_map"
        ),
        "nn.init, or init= of a layer, as in nn.Layer(2, 1, init='zeros')": (
            "ones_init zeros_init IdentityInitializer OrthogonalInitializer STFTInitializer "
            "delta_orthogonal"
        ),
        "the thing itself by its name, such as nn.mse, nn.Adam or nn.init.zeros": (
            "deserialize serialize get register_keras_serializable custom_object_scope "
            "get_custom_objects get_registered_name get_registered_object deserialize_keras_object "
            "serialize_keras_object CustomObjectScope"
        ),
        "scikit-learn's own, with nn.sklearn.NetClassifier": (
            "HalvingGridSearchCV HalvingRandomSearchCV ParameterGrid ParameterSampler "
            "FixedThresholdClassifier TunedThresholdClassifierCV permutation_test_score "
            "validation_curve ValidationCurveDisplay LearningCurveDisplay FeatureUnion make_union "
            "BernoulliRBM"
        ),
        "nn.fit, with a model and an optimizer": "TrainState",
        "scikit-learn's own: it takes X and y as they are": (
            "make_s_curve FunctionTransformer KBinsDiscretizer KernelCenterer MultiLabelBinarizer "
            "PowerTransformer QuantileTransformer SplineTransformer TargetEncoder power_transform "
            "quantile_transform maxabs_scale robust_scale binarize label_binarize "
            "add_dummy_feature make_biclusters make_checkerboard make_friedman1 make_friedman2 "
            "make_friedman3 make_hastie_10_2 make_low_rank_matrix make_multilabel_classification "
            "make_sparse_coded_signal make_sparse_spd_matrix make_sparse_uncorrelated "
            "make_spd_matrix fetch_20newsgroups fetch_20newsgroups_vectorized fetch_covtype "
            "fetch_file fetch_kddcup99 fetch_lfw_pairs fetch_lfw_people fetch_olivetti_faces "
            "fetch_rcv1 fetch_species_distributions load_files load_linnerud load_sample_image "
            "load_sample_images load_svmlight_file load_svmlight_files dump_svmlight_file "
            "clear_data_home get_data_home"
        ),
        "an optimizer made from the parameters that are to be trained": "freeze",
        "the layers of nn, in nn itself": "layers",
        "nothing for images: a row is a list of numbers": (
            "load_img array_to_img img_to_array save_img image"
        ),
        "no loss of its own: write a function of (outputs, targets), which nn.fit takes as loss=": (
            "CTC Circle Dice Tversky circle ctc dice dice_loss binary_dice_loss tversky "
            "cosine_distance ctc_loss_with_forward_probs BinaryFocalCrossentropy "
            "CategoricalFocalCrossentropy convex_kl_divergence generalized_kl_divergence "
            "kl_divergence_with_log_targets make_fenchel_young_loss "
            "multiclass_generalized_dice_loss multiclass_hinge_loss multiclass_perceptron_loss "
            "multiclass_sparsemax_loss ntxent perceptron_loss poly_loss_cross_entropy "
            "ranking_softmax_loss sigmoid_focal_loss sparsemax_loss binary_focal_crossentropy "
            "categorical_focal_crossentropy CategoricalGeneralizedCrossEntropy "
            "categorical_generalized_cross_entropy pdist LinearCrossEntropyLoss "
            "LinearCrossEntropyOptions"
        ),
        "the function nn.cross_entropy(outputs, targets)": (
            "linear_cross_entropy safe_softmax_cross_entropy"
        ),
        "lists of probabilities as targets of nn.cross_entropy, such as [0.05, 0.95]": (
            "smooth_labels"
        ),
        "nn.confusion_matrix(outputs, targets)": (
            "TruePositives TrueNegatives FalsePositives FalseNegatives multilabel_confusion_matrix "
            "confusion_matrix_at_thresholds pair_confusion_matrix"
        ),
        "a function of your own of (outputs, targets), as metrics= of nn.fit": (
            "BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU PrecisionAtRecall RecallAtPrecision "
            "SensitivityAtSpecificity SpecificityAtSensitivity SparseTopKCategoricalAccuracy "
            "sparse_top_k_categorical_accuracy ConcordanceCorrelation PearsonCorrelation "
            "concordance_correlation pearson_correlation LogCoshError MeanMetricWrapper "
            "root_mean_squared_log_error mean_squared_log_error MultiMetric MetricState"
        ),
        "nn.metrics, functions of (outputs, targets)": (
            "get_scorer get_scorer_names check_scoring DistanceMetric"
        ),
        "nn.metrics.nearest, or [autograd.norm([a - b for a, b in zip(u, v)]) for v in rows]": (
            "pairwise_distances pairwise_distances_argmin pairwise_distances_argmin_min "
            "pairwise_distances_chunked pairwise_kernels euclidean_distances "
            "nan_euclidean_distances"
        ),
        "scikit-learn's own, of targets and of what nn.predict(model, X) gives": (
            "adjusted_mutual_info_score adjusted_rand_score calinski_harabasz_score "
            "completeness_score consensus_score d2_absolute_error_score d2_brier_score "
            "d2_log_loss_score d2_pinball_score d2_tweedie_score davies_bouldin_score dcg_score "
            "fowlkes_mallows_score homogeneity_score label_ranking_average_precision_score "
            "mutual_info_score ndcg_score normalized_mutual_info_score rand_score v_measure_score "
            "class_likelihood_ratios coverage_error det_curve label_ranking_loss "
            "mean_gamma_deviance mean_pinball_loss mean_poisson_deviance mean_tweedie_deviance "
            "DetCurveDisplay PrecisionRecallDisplay PredictionErrorDisplay RocCurveDisplay cluster "
            "homogeneity_completeness_v_measure metric_at_thresholds silhouette_samples"
        ),
        "nn.clip_grad_norm(params, max_norm), or clip_norm= of nn.fit": (
            "clip_by_block_rms adaptive_grad_clip per_example_global_norm_clip "
            "per_example_layer_norm_clip clip_grads AdaptiveGradClipState ClipByGlobalNormState "
            "ClipState normalize_by_update_norm"
        ),
        "autograd.norm([p.grad for p in model.parameters()])": (
            "global_norm safe_norm safe_root_mean_squares"
        ),
        "optimizer.step()": "apply_updates",
        "nn.schedules, given as schedule= of nn.fit": (
            "join_schedules make_schedule cosine_onecycle_schedule linear_onecycle_schedule "
            "sgdr_schedule piecewise_constant piecewise_interpolate_schedule "
            "warmup_constant_schedule warmup_exponential_decay_schedule constant_schedule "
            "JoinPoint WrappedSchedule Schedule ScalarOrSchedule scale_by_schedule "
            "scale_by_learning_rate inverse_time_decay"
        ),
        "loss.backward() several times before one optimizer.step(), as gradients add up": (
            "MultiSteps MultiStepsState apply_every microbatch microbatching ApplyEvery"
        ),
        "a second optimizer, for the other parameters": (
            "multi_transform partition masked MultiOptimizer OptimizerMap MultiTransformState "
            "PartitionState MaskedNode MaskedState selective_transform set_to_zero"
        ),
        "no optimizer of its own: nn.Adam serves, or a subclass of nn.Optimizer with its rule": (
            "adabelief adamaxw adan amsgrad fromage novograd nadamw noisy_sgd optimistic_adam "
            "optimistic_adam_v2 optimistic_gradient_descent polyak_sgd rmsprop_momentum sign_sgd "
            "sm3 lookahead ema centralize scale_by_adadelta scale_by_adam scale_by_adamax "
            "scale_by_adan scale_by_amsgrad scale_by_backtracking_linesearch scale_by_belief "
            "scale_by_distance_over_gradients scale_by_factored_rms scale_by_lbfgs scale_by_lion "
            "scale_by_novograd scale_by_optimistic_gradient scale_by_param_block_norm "
            "scale_by_param_block_rms scale_by_polyak scale_by_radam scale_by_rms scale_by_rprop "
            "scale_by_rss scale_by_sign scale_by_sm3 scale_by_stddev scale_by_trust_ratio "
            "scale_by_yogi scale_by_zoom_linesearch scale_gradient LossScaleOptimizer assignment "
            "power_iteration nnls second_order ScheduleFreeAdamW"
        ),
        "a subclass of nn.Optimizer, whose rule returns the new number and what it keeps": (
            "AddNoiseState ApplyIfFiniteState ConditionallyMaskState ConditionallyTransformState "
            "EmaState EmptyState FactoredState InjectHyperparamsState "
            "InjectStatefulHyperparamsState LookaheadState MonitorState NonNegativeParamsState "
            "OptState OptimizerState ScaleByAdaDeltaState ScaleByAdamState ScaleByAdanState "
            "ScaleByAmsgradState ScaleByBacktrackingLinesearchState ScaleByBeliefState "
            "ScaleByLBFGSState ScaleByLionState ScaleByNovogradState ScaleByRStdDevState "
            "ScaleByRmsState ScaleByRpropState ScaleByRssState ScaleBySM3State "
            "ScaleByScheduleState ScaleByTrustRatioState ScaleByZoomLinesearchState ScaleState "
            "SnapshotState TraceState ZeroNansState GradientTransformation "
            "GradientTransformationExtraArgs InitFn UpdateFn Updates Params ParamsFn "
            "LookaheadParams MaskOrFn ZoomLinesearchInfo TransformInitFn "
            "TransformUpdateExtraArgsFn TransformUpdateFn inject_hyperparams "
            "inject_stateful_hyperparams conditionally_mask conditionally_transform "
            "apply_if_finite skip_large_updates skip_not_finite update_infinity_moment "
            "update_moment update_moment_per_elem_norm tree_map_params tree_utils named_chain "
            "monitor snapshot stateless stateless_with_tree_map with_extra_args_support "
            "bias_correction keep_params_nonnegative zero_nans incremental_update periodic_update "
            "add_noise measure_with_ema contrib experimental perturbations projections transforms "
            "swap_in_optimizer_params_and_state pack_optimizer_state unpack_optimizer_state "
            "safe_increment safe_int32_increment safe_map safe_zip init_empty_state "
            "value_and_grad_from_state matrix_inverse_pth_root multi_normal ModelAndOptimizer "
            "OptArray OptVariable"
        ),
        "nn.data.k_fold(X, y, k), or nn.data.split(X, y)": (
            "BaseShuffleSplit GroupKFold GroupShuffleSplit LeaveOneGroupOut LeaveOneOut "
            "LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold RepeatedStratifiedKFold "
            "ShuffleSplit StratifiedGroupKFold StratifiedShuffleSplit TimeSeriesSplit "
            "BaseCrossValidator check_cv split_dataset ChainDataset"
        ),
        "a model of scikit-learn: nn.Layer(n_in, 1), trained with nn.mse or nn.hinge, is the "
        "nearest": (
            "ARDRegression BayesianRidge ElasticNet ElasticNetCV GammaRegressor HuberRegressor "
            "LarsCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC LogisticRegressionCV "
            "MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV "
            "OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV PassiveAggressiveClassifier "
            "PassiveAggressiveRegressor PoissonRegressor QuantileRegressor RANSACRegressor Ridge "
            "RidgeCV RidgeClassifier RidgeClassifierCV SGDClassifier SGDOneClassSVM SGDRegressor "
            "TheilSenRegressor TweedieRegressor enet_path lars_path lars_path_gram lasso_path "
            "orthogonal_mp orthogonal_mp_gram ridge_regression"
        ),
        "nn.data.read_csv(path, target), of a file that you have": (
            "audio_dataset_from_directory image_dataset_from_directory text_dataset_from_directory "
            "timeseries_dataset_from_array get_file reuters"
        ),
        "lists, as in nn.data.batches(X, y, size, rng=rng)": (
            "DFIterDataPipe IterDataPipe MapDataPipe datapipes guaranteed_datapipes_determinism "
            "StackDataset SubsetRandomSampler DistributedSampler DataChunk PyDataset Sequence "
            "default_convert functional_datapipe get_worker_info pack_x_y_sample_weight "
            "unpack_x_y_sample_weight sequence legacy argument_validation runtime_validation "
            "runtime_validation_disabled non_deterministic"
        ),
        "callbacks=[function of a Run] of nn.fit, such as nn.Checkpoint(path)": (
            "BackupAndRestore CSVLogger CallbackList LambdaCallback OrbaxCheckpoint RemoteMonitor "
            "SwapEMAWeights TensorBoard"
        ),
        "a DivergenceWarning of nn.fit, or a callback that returns True": "TerminateOnNaN",
        "progress= of nn.fit": (
            "ProgbarLogger Progbar disable_interactive_logging enable_interactive_logging "
            "is_interactive_logging_enabled"
        ),
        "model.draw()": "model_to_dot tabulate visualization view_info",
        "nn.load(path)": "model_from_json saving",
        "copy.deepcopy(model)": "clone_model",
        "seed= or rng= of a part, or nn.manual_seed(n)": (
            "RngCount RngKey RngState RngStream reseed fold_rngs fork_rngs restore_rngs split_rngs "
            "with_rngs rnglib stochastic"
        ),
        "a function of autograd, as in f(x) = autograd.log(1.0 - autograd.exp(-x))": "log1mexp",
        "a function of one Value, as in nn.Layer(n_in, n_out, f) with f(x) = autograd.clip((x +"
        " 1.0) / 2.0, 0.0, 1.0)": "sparse_sigmoid",
        "a function of one Value, as in nn.Layer(n_in, n_out, f) of one of autograd's": (
            "sparse_plus sparsemax"
        ),
        "nothing that could be chosen: it computes in float64, in Python": (
            "DTypePolicy FloatDTypePolicy dtype_policies standardize_dtype mixed_precision "
            "Fp8DirectDotGeneralOp Fp8DotGeneral Fp8DotGeneralOp Fp8Einsum NANOOFp8DotGeneralOp "
            "fp8_ops get_scaled_dot_general_config scaled_dot_general scaled_grouped_mm "
            "scaled_matmul scaled_mm grouped_mm backend KerasTensor is_keras_tensor clear_session "
            "AxisType"
        ),
        "nothing to be chosen: one process trains a model": (
            "StateSharding abstract_with_sharding get_named_sharding get_sharding "
            "logical_to_mesh_sharding use_eager_sharding using_eager_sharding distribution "
            "distributed spmd logical_to_mesh logical_to_mesh_axes with_logical_partitioning "
            "with_partitioning LogicallyPartitioned Partitioned get_partition_spec "
            "logical_axis_rules get_logical_axis_rules set_logical_axis_rules "
            "with_logical_constraint broadcast"
        ),
        "no part of it: a parameter may be any number": (
            "Quantizer quantizable quantizers qat LoRA LoRAParam distillation intrinsic"
        ),
        "no part of it: nothing for pretrained models or other programs": (
            "applications tracers checkify"
        ),
        "nothing of that kind: a model is an nn.Module, which keeps its parameters under its "
        "attributes": (
            "Cache Carry DenyList DiffState EMA Everything FlatState FrozenDict GraphDef "
            "GraphState Intermediate KernelInfo MergeContext NodeStates Not Nothing Object OfType "
            "PARTITION_NAME ParamSpec PathContains Perturbation PureState RematScope "
            "ShouldSkipUpdateFunction SplitContext StateAxes StatelessScope Static SymbolicScope "
            "UOp UninitializedBuffer UpdateContext VariableMetadata WithTag add_metadata_axis "
            "apply as_abstract as_pure bridge cached_partial call capture check_pytree combinators "
            "compact_name_scope compat current_update_context dataclass deprecations "
            "disable_named_call enable_named_call eval_shape factory_kwargs filter_state filterlib "
            "find_duplicates from_flat_state from_tree get_abstract_model get_source_inputs "
            "graph_settings graphdef has_data helpers init_with_output intercept_methods is_data "
            "iter_children iter_graph iter_module_children iter_modules jit_partial "
            "kw_only_dataclasses make_tuple map_state map_variables merge merge_context "
            "merge_param merge_state meta name_scope named_call override_named_call pop prefix "
            "proxy_caller pure pytreelib recurrent register_data_type register_variable_name "
            "remat_scan replace_by_pure_dict restore_int_paths set_graph_mode set_graph_updates "
            "set_metadata share_scope split_context split_state statelib static to_flat_state "
            "to_pure_dict to_tree transform_metadata traversals unbox unpack update update_context "
            "var_defaults variable_name_from_type variable_type_from_name variablelib variables "
            "vars_as with_attributes with_metadata with_vars wrappers"
        ),
    }
)

# What is asked of what a training gives.
OF_HISTORIES = by_name(
    {
        "len(history)": "n_iter_ t_ epochs",
        'history["loss"][-1]': "loss_",
        'min(history["loss"])': "best_loss_",
        'min(history["val_loss"])': "best_validation_score_ best_score_",
        'history["val_loss"]': "validation_scores_",
        "history.best_epoch": "best_index_",
        "history.best_state, for model.load_state_dict": "best_params_ best_estimator_",
        "nn.predict(model, X), of the model that was trained": (
            "predict predict_proba predict_log_proba decision_function"
        ),
        "nn.evaluate(model, X, y, loss=nn.mse), of the model that was trained": "score",
        "nn.fit(model, X, y, loss=nn.mse, optimizer=adam), which gave it": "fit partial_fit",
        "the model that was trained, as nn.fit changes it: a History keeps numbers alone": (
            "model set_model coef_ coefs_ intercept_ intercepts_ n_classes_ n_features_in_ "
            "n_layers_ n_outputs_ n_splits_ get_params set_params params apply steps named_steps"
        ),
        "a callback of nn.fit, a function of a Run": (
            "on_batch_begin on_batch_end on_epoch_begin on_epoch_end on_predict_batch_begin "
            "on_predict_batch_end on_predict_begin on_predict_end on_test_batch_begin "
            "on_test_batch_end on_test_begin on_test_end on_train_batch_begin on_train_batch_end "
            "on_train_begin on_train_end"
        ),
    }
)

# What is asked of a callback and of a training under way.
_OF_BOTH = {
    "patience= and validation= of nn.fit, which keeps the weights of the best epoch": (
        "patience wait restore_best_weights best_weights min_delta start_from_epoch baseline "
        "monitor_op get_monitor_value monitor mode"
    ),
    "history.best_epoch, of what nn.fit returns": "best stopped_epoch",
    "a callback of nn.fit itself: a function of a Run, called after every epoch": (
        "on_batch_begin on_batch_end on_epoch_begin on_epoch_end on_predict_batch_begin "
        "on_predict_batch_end on_predict_begin on_predict_end on_test_batch_begin "
        "on_test_batch_end on_test_begin on_test_end on_train_batch_begin on_train_batch_end "
        "on_train_begin on_train_end set_model set_params"
    ),
    "the arguments of nn.fit": "params verbose",
}
OF_RUNS = by_name(
    {
        **_OF_BOTH,
        "nn.Checkpoint(path) as a callback of nn.fit": (
            "filepath save_best_only save_freq save_weights_only"
        ),
    }
)
OF_CHECKPOINTS = by_name(
    {
        **_OF_BOTH,
        "checkpoint.path": "filepath",
        "checkpoint.every": "save_freq",
        "nothing of that kind: the file holds the model, the optimizer and the history": (
            "save_best_only save_weights_only"
        ),
        "run.model, of the Run that a callback is given": "model",
    }
)

# What is asked of what scales and encodes a table.
OF_PREPARATIONS = by_name(
    {
        "preparation.inputs(row) of a raw row, and preparation.table(rows) of many": (
            "transform fit_transform"
        ),
        "preparation.answer(outputs, row), of a model's outputs for a row": "inverse_transform",
        "nn.Preparation.fit(rows, target), which makes a new one": "partial_fit",
        "preparation.columns, each with its mean and deviation": (
            "mean_ var_ scale_ min_ data_min_ data_max_ data_range_ with_mean with_std "
            "feature_range"
        ),
        "preparation.columns, of texts each with its values": (
            "categories_ categories drop_idx_ drop handle_unknown max_categories min_frequency"
        ),
        "preparation.target.values, of a target of classes": "classes_",
        "preparation.input_names": "get_feature_names_out feature_name_combiner feature_names_in_",
        "preparation.n_in, and len(preparation.columns)": "n_features_in_",
        "preparation.content(), which json.dump writes": ("get_params set_params copy"),
        "nothing of that kind: a row becomes a list of numbers, by preparation.columns": (
            "clip dtype get_metadata_routing n_samples_seen_ set_callbacks set_fit_request "
            "set_inverse_transform_request set_output set_partial_fit_request "
            "set_transform_request sparse_output"
        ),
    }
)

# What is asked of tokenizers and vocabularies.
OF_TOKENIZERS = by_name(
    {
        "nn.data.Tokenizer(texts), which is ready as soon as it is made": (
            "fit adapt fit_on_texts fit_on_sequences finalize_state train train_from_iterator"
        ),
        "tokenizer.encode(text)": (
            "tokenize transform fit_transform call convert_tokens_to_ids __call__ encode_plus "
            "batch_encode_plus encode_batch"
        ),
        "[tokenizer.encode(text) for text in texts]": (
            "texts_to_sequences texts_to_sequences_generator"
        ),
        "tokenizer.decode(ids)": (
            "inverse_transform convert_ids_to_tokens detokenize batch_decode decode_batch"
        ),
        "[tokenizer.decode(ids) for ids in sequences]": (
            "sequences_to_texts sequences_to_texts_generator"
        ),
        "[tokenizer.one_hot(text) for text in texts], or nn.bag_of_words(ids, n)": (
            "texts_to_matrix sequences_to_matrix"
        ),
        "tokenizer.tokens, a list of the tokens by number": (
            "vocabulary vocabulary_ get_vocabulary set_vocabulary get_feature_names_out "
            "get_feature_names load_vocabulary fixed_vocabulary_ classes_"
        ),
        "len(tokenizer.tokens)": "vocabulary_size num_words max_tokens __len__ get_vocab_size",
        "collections.Counter(token for text in texts for token in text)": (
            "word_counts word_docs index_docs document_count idf_ use_idf smooth_idf sublinear_tf"
        ),
        "nn.data.pad(sequences, value=0), of the numbers of texts": (
            "pad output_sequence_length pad_token_id padding_side"
        ),
        "nothing that it takes as unknown: a token of no text is refused": (
            "oov_token oov_token_id num_oov_indices mask_token unk_token unk_token_id"
        ),
        "a text as a list of words, text.lower().split(), given to nn.data.Tokenizer": (
            "build_analyzer build_preprocessor build_tokenizer analyzer tokenizer preprocessor "
            "lowercase lower filters split token_pattern strip_accents get_stop_words stop_words "
            "ngram_range char_level standardize ngrams word_tokenizer"
        ),
        "json.dump(tokenizer.tokens, file), and nn.data.Tokenizer([tokens]) of them again": (
            "save save_pretrained from_pretrained to_json get_config from_config save_assets "
            "load_assets get_params set_params"
        ),
        "nothing of that kind: each token has a number, its place in tokenizer.tokens": (
            "binary decode_error dtype encoding get_metadata_routing input max_df max_features "
            "min_df norm"
        ),
    }
)
