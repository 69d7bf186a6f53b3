"""What other libraries call the parts of nn, its losses and what trains them."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import autograd
from autograd.extending import answers, by_name

from .foreign_objects import ACTIVATIONS
from .seldom import SELDOM

_ROW = "no layer of its own: nn.Layer takes a row as one list of numbers"
_NORMS = "nn.LayerNorm(n) or nn.RMSNorm(n), which see one row at a time"
_ACTIVATION = 'an activation by name, as in nn.Layer(n_in, n_out, "{name}")'
_FORMULA = "a function of one Value, as in nn.Layer(n_in, n_out, f) with f(x) = "
_DROPOUT = "nn.Dropout(p) between layers, in nn.Sequential"
_LOGITS = "the function nn.cross_entropy(outputs, targets), of logits"
_OWN_LOSS = (
    "no loss of its own: write a function of (outputs, targets), which nn.fit takes as loss="
)
_OWN_RULE = "no optimizer of its own: nn.Adam serves, or a subclass of nn.Optimizer with its rule"
_OWN_RATE = "a function of your own, from the count of steps to a factor, as schedule= of nn.fit"
_OWN_FUNCTION = "a function in your Module's forward: a layer's output is a list"
_OWN_MODULE = "a Module of your own, whose forward says it"
_SKLEARN = "scikit-learn's own: it takes X and y as they are"
_CALLBACK = "callbacks=[function of a Run] of nn.fit, such as nn.Checkpoint(path)"

OF_NUMBERS = answers("autograd")

# Classes of activations that are functions with a formula.
_COMPOSED = {
    "ReLU6": "relu6",
    "SELU": "selu",
    "CELU": "celu",
    "PReLU": "prelu",
    "Mish": "mish",
    "Softsign": "softsign",
    "Softshrink": "softshrink",
    "Hardshrink": "hardshrink",
    "Tanhshrink": "tanhshrink",
    "Hardtanh": "hardtanh",
    "Hardsigmoid": "hardsigmoid",
    "Hardswish": "hardswish",
    "Threshold": "threshold",
}

# What is asked of the modules of nn: by what to write, the names.
ELSEWHERE = (
    SELDOM
    | {name: f"autograd.{name}" for name in autograd.__all__}
    | {**OF_NUMBERS}
    | {name: _ACTIVATION.replace("{name}", here) for name, here in ACTIVATIONS.items()}
    | {name: _FORMULA + OF_NUMBERS[here] for name, here in _COMPOSED.items()}
    | by_name(
        {
            # layers
            "nn.Layer(n_in, n_out)": "Linear Dense LazyLinear DenseGeneral",
            "no activation, as in nn.Layer(n_in, n_out)": "Identity linear",
            "[x for row in rows for x in row], in the forward of a Module of your own": "Flatten",
            "a row as one list of numbers": "Unflatten Reshape Permute",
            "nn.Embedding(n, dim)": "Embed embedding",
            "nn.bag_of_words(indices, n)": "EmbeddingBag embedding_bag",
            _ROW: (
                "Conv Conv#d Conv#D ConvTranspose ConvTranspose#d Conv#DTranspose SeparableConv2D "
                "DepthwiseConv2D LazyConv#d LazyConvTranspose#d MaxPool#d MaxUnpool#d AvgPool#d "
                "LPPool#d FractionalMaxPool2d AdaptiveAvgPool#d AdaptiveMaxPool#d MaxPooling#D "
                "AveragePooling#D GlobalAveragePooling#D GlobalMaxPooling#D Upsample UpSampling#D "
                "UpsamplingNearest2d UpsamplingBilinear2d PixelShuffle PixelUnshuffle "
                "ChannelShuffle Unfold Fold ZeroPad#d ConstantPad#d ReflectionPad#d "
                "ReplicationPad#d CircularPad#d ZeroPadding#D Cropping#D ConvLSTM#D conv conv#d "
                "conv_transpose conv_transpose#d max_pool max_pool#d avg_pool avg_pool#d "
                "adaptive_avg_pool#d adaptive_max_pool#d interpolate upsample pixel_shuffle "
                "pixel_unshuffle fold unfold grid_sample affine_grid lp_pool#d max_unpool#d "
                "RandomFlip RandomRotation CenterCrop Resizing"
            ),
            _NORMS: (
                "BatchNorm1d BatchNorm2d BatchNorm3d BatchNorm BatchNormalization SyncBatchNorm "
                "GroupNorm LazyBatchNorm#d InstanceNorm3d instance_norm local_response_norm "
                "GroupNormalization InstanceNorm InstanceNorm1d InstanceNorm2d WeightNorm "
                "SpectralNorm LocalResponseNorm batch_norm group_norm"
            ),
            "nn.LayerNorm(n)": "LayerNormalization layer_norm",
            "nn.RMSNorm(n)": "RMSNormalization rms_norm",
            "nn.data.standardize(X, like=X_train)": (
                "Normalization StandardScaler MinMaxScaler Rescaling"
            ),
            _DROPOUT: (
                "dropout Dropout#d dropout#d alpha_dropout feature_alpha_dropout AlphaDropout "
                "FeatureAlphaDropout SpatialDropout1D GaussianDropout GaussianNoise"
            ),
            "nn.MultiHeadAttention(n_embd, n_head)": (
                "MultiheadAttention Attention AdditiveAttention MultiHeadDotProductAttention "
                "SelfAttention GroupedQueryAttention scaled_dot_product_attention "
                "dot_product_attention CausalSelfAttention Head"
            ),
            "nn.Block(n_embd, n_head)": (
                "TransformerEncoderLayer TransformerDecoderLayer TransformerBlock FeedForward"
            ),
            "nn.GPT, or nn.Block in a Module of your own": (
                "Transformer TransformerEncoder TransformerDecoder"
            ),
            "nn.RNN(n_in, n_hidden)": "SimpleRNN RNNBase rnn_tanh",
            "nn.LSTM(n_in, n_hidden)": "lstm",
            "nn.GRU(n_in, n_hidden)": "gru",
            "nn.RNNCell(n_in, n_hidden)": "SimpleRNNCell SimpleCell",
            "a layer that reads xs, and a second one that reads xs[::-1]": "Bidirectional",
            "nn.Each(part)": "TimeDistributed",
            "a Module of your own, whose forward adds the lists of two layers": (
                "Add Average Subtract Multiply Dot Bilinear bilinear Maximum Minimum"
            ),
            "a list, as in [*xs, *ys]": "Concatenate",
            _OWN_FUNCTION: (
                "Lambda gumbel_softmax rrelu Softmax2d PairwiseDistance RepeatVector Masking GLU "
                "Softmin RReLU"
            ),
            "nn.data.Tokenizer(texts)": "TextVectorization StringLookup IntegerLookup Tokenizer",
            "nn.one_hot(index, n)": "CategoryEncoding to_categorical OneHotEncoder",
            "a subclass of nn.Module, or nn.Sequential(layer, layer, ...)": "Model",
            "nn.Sequential(layer, layer, ...)": "Chain Serial",
            "n_in, the first argument of a model": "Input InputLayer InputSpec",
            "nn.Neuron(n_in)": "Perceptron",
            "a leaf, autograd.Value(number), under an attribute of a Module": (
                "Parameter Param UninitializedParameter parameter"
            ),
            "a list of Values under an attribute of a Module": "ParameterList",
            "a dict of Values under an attribute of a Module": "ParameterDict",
            "a list of Modules under an attribute of a Module": "ModuleList List Container",
            "a dict of Modules under an attribute of a Module": "ModuleDict Dict",
            "a plain number or list under an attribute that begins with _": "Buffer BatchStat",
            "seed= or rng= of a part, or nn.manual_seed(n)": "Rngs make_rng seed set_seed",
            "__init__, which sets attributes, and forward(self, x)": "compact nowrap",
            # models of scikit-learn
            "nn.Layer(n_in, 1), trained with nn.mse": "LinearRegression",
            "nn.Layer(n_in, 1), trained with nn.binary_cross_entropy": "LogisticRegression",
            "nn.Layer(n_in, 1), trained with nn.hinge": "LinearSVC SVC",
            "nn.sklearn.NetClassifier, with the extra sklearn": "MLPClassifier NetClassifier",
            "nn.sklearn.NetRegressor, with the extra sklearn": "MLPRegressor NetRegressor",
            # weights at the start
            "init='{name}' of a layer": (
                "xavier_uniform xavier_normal kaiming_uniform kaiming_normal lecun_normal "
                "orthogonal"
            ),
            "init='xavier_uniform' of a layer": (
                "xavier_uniform_ glorot_uniform GlorotUniform xavier glorot"
            ),
            "init='xavier_normal' of a layer": "xavier_normal_ glorot_normal GlorotNormal",
            "init='kaiming_uniform' of a layer": "kaiming_uniform_ he_uniform HeUniform",
            "init='kaiming_normal' of a layer": "kaiming_normal_ he_normal HeNormal",
            "init='orthogonal' of a layer": "orthogonal_ Orthogonal",
            "init='normal' of a layer": "normal_ trunc_normal_ truncated_normal RandomNormal",
            "init='uniform' of a layer": "uniform_ RandomUniform",
            "init='zeros' of a layer": "zeros_ Zeros",
            "init=, a function of (n_in, n_out, rng)": (
                "eye_ dirac_ sparse_ variance_scaling VarianceScaling lecun_uniform Initializer"
            ),
            "init='constant' of a layer": "constant_ ones_ Constant Ones",
            "nn.init.gain(activation)": "calculate_gain",
            # losses
            "the function nn.mse(outputs, targets)": (
                "MSELoss MSE MeanSquaredError mse_loss mean_squared_error squared_error"
            ),
            "the function nn.mae(outputs, targets)": (
                "L1Loss MAE MeanAbsoluteError l1_loss mean_absolute_error absolute_error"
            ),
            "the function nn.huber(outputs, targets)": (
                "HuberLoss SmoothL1Loss Huber huber_loss smooth_l1_loss"
            ),
            "the function nn.hinge(outputs, targets)": "Hinge HingeLoss hinge_loss",
            "the function nn.binary_cross_entropy(outputs, targets)": (
                "BCEWithLogitsLoss binary_cross_entropy_with_logits SoftMarginLoss "
                "soft_margin_loss sigmoid_binary_cross_entropy sigmoid_cross_entropy "
                "MultiLabelSoftMarginLoss multilabel_soft_margin_loss"
            ),
            "the function nn.binary_cross_entropy(outputs, targets), of logits": (
                "BCELoss BinaryCrossentropy binary_crossentropy BCE bce_loss"
            ),
            "the function nn.cross_entropy(outputs, targets)": (
                "CrossEntropyLoss softmax_cross_entropy softmax_cross_entropy_with_integer_labels "
                "softmax_cross_entropy_with_logits"
            ),
            _LOGITS: (
                "NLLLoss nll_loss CategoricalCrossentropy SparseCategoricalCrossentropy "
                "categorical_crossentropy sparse_categorical_crossentropy log_loss crossentropy"
            ),
            "the function nn.cross_entropy(outputs, targets), with probabilities as targets": (
                "KLDivLoss kl_div KLDivergence kl_divergence"
            ),
            _OWN_LOSS: (
                "PoissonNLLLoss GaussianNLLLoss Poisson LogCosh log_cosh SquaredHinge "
                "CategoricalHinge MultiMarginLoss MarginRankingLoss TripletMarginLoss "
                "HingeEmbeddingLoss CosineEmbeddingLoss CTCLoss MeanAbsolutePercentageError "
                "MeanSquaredLogarithmicError poisson_nll_loss gaussian_nll_loss "
                "triplet_margin_loss multi_margin_loss margin_ranking_loss ctc_loss "
                "MultiLabelMarginLoss multilabel_margin_loss cosine_embedding_loss "
                "hinge_embedding_loss TripletMarginWithDistanceLoss AdaptiveLogSoftmaxWithLoss "
                "NLLLoss2d FocalLoss loss Loss"
            ),
            "nn.l2(params, strength), as penalty= of nn.fit": "L2 L1L2 l1_l2 regularizers",
            "nn.l1(params, strength), as penalty= of nn.fit": "L1",
            # metrics
            "nn.metrics.cosine_similarity(u, v)": "CosineSimilarity cosine_similarity",
            "nn.accuracy(outputs, targets)": (
                "accuracy_score Accuracy BinaryAccuracy CategoricalAccuracy "
                "SparseCategoricalAccuracy binary_accuracy categorical_accuracy"
            ),
            "nn.balanced_accuracy(outputs, targets)": "balanced_accuracy_score",
            "nn.precision(outputs, targets)": "precision_score Precision",
            "nn.recall(outputs, targets)": "recall_score Recall",
            "nn.f1(outputs, targets)": "f1_score F1Score",
            "nn.precision, nn.recall and nn.f1, of each positive=": "classification_report",
            "nn.r2(outputs, targets)": "r2_score R2Score",
            "the square root of nn.mse(outputs, targets)": (
                "RootMeanSquaredError root_mean_squared_error rmse RMSE"
            ),
            "a function of your own of (outputs, targets), as metrics= of nn.fit": (
                "AUC Metric TopKCategoricalAccuracy make_scorer"
            ),
            "math.exp of nn.cross_entropy(outputs, targets)": "Perplexity perplexity",
            # optimizers
            "nn.RMSprop": "RMSProp rmsprop",
            "nn.SGD": "sgd",
            "nn.Adam": "adam",
            "nn.AdamW": "adamw",
            "nn.Adagrad": "adagrad",
            "nn.SGD(params, lr, momentum=0.9)": "Momentum NAG Nesterov momentum MomentumSGD",
            _OWN_RULE: (
                "Adamax NAdam Nadam RAdam Adadelta ASGD Rprop LBFGS SparseAdam Adafactor Lion Ftrl "
                "FTRL Lamb LAMB LARS Muon Yogi adamax nadam adadelta lion lbfgs"
            ),
            "nn.SGD, nn.Adam and their like, in nn itself": "optimizers Optimiser optax",
            # rates
            "nn.schedules, given as schedule= of nn.fit": (
                "lr_scheduler LRScheduler LearningRateScheduler LearningRateSchedule "
                "learning_rate_schedule"
            ),
            "nn.schedules.step(size, gamma)": "StepLR step_decay",
            "nn.schedules.exponential(gamma)": "ExponentialLR ExponentialDecay exponential_decay",
            "nn.schedules.time_based(decay)": "InverseTimeDecay",
            "nn.schedules.cosine(total)": (
                "CosineAnnealingLR CosineDecay cosine_decay cosine_decay_schedule cosine_annealing"
            ),
            "nn.schedules.linear(total)": "LinearLR linear_schedule",
            "nn.schedules.cyclic(half)": "CyclicLR",
            "nn.schedules.warmup(steps, then)": "SequentialLR WarmupLR linear_warmup",
            "nn.schedules.warmup(steps, nn.schedules.cosine(total))": (
                "OneCycleLR get_cosine_schedule_with_warmup warmup_cosine_decay_schedule"
            ),
            "nn.schedules.warmup(steps, nn.schedules.linear(total))": (
                "get_linear_schedule_with_warmup"
            ),
            "lambda step: cosine(step % n), with cosine = nn.schedules.cosine(n)": (
                "CosineAnnealingWarmRestarts CosineDecayRestarts"
            ),
            "any function from the count of steps to a factor": "LambdaLR MultiplicativeLR",
            _OWN_RATE: (
                "MultiStepLR PolynomialLR PolynomialDecay PiecewiseConstantDecay ChainedScheduler "
                "polynomial_schedule piecewise_constant_schedule"
            ),
            "no schedule, so that the rate stays as it is": "ConstantLR constant_schedule",
            "nn.ReduceOnPlateau": "ReduceLROnPlateau",
            # training
            "nn.fit(model, X, y, loss=nn.mse, optimizer=nn.Adam(model.parameters()))": (
                "train Trainer LightningModule train_model"
            ),
            "nn.clip_grad_norm(params, max_norm)": "clip_grad_norm_ clip_by_global_norm",
            "nn.clip_grad_value(params, limit)": "clip_grad_value_ clip_by_value",
            "nn.clip_grad_norm(params, max_norm) and its like, in nn itself": "utils",
            _CALLBACK: "callbacks Callback",
            "patience= of nn.fit": "EarlyStopping",
            "nn.Checkpoint(path) as a callback of nn.fit": "ModelCheckpoint",
            "loss.backward()": "GradientTape backward",
            "model.save(path)": "save save_model",
            "nn.load(path)": "load_model",
            "model.zero_grad()": "zero_grad",
            "optimizer.step()": "step",
            "print(model), or model.draw()": "summary plot_model",
            "model.parameters() and model.state_dict()": "state",
            "nothing to be chosen: one process trains a model": (
                "DataParallel DistributedDataParallel parallel"
            ),
            "nn.MLP, nn.Sequential and their like, in nn itself": "models modules",
            "the functions of autograd and the losses of nn": "functional F",
            "the activations by name, such as nn.Layer(n_in, n_out, 'relu')": "activations",
            "init= of a layer, such as init='kaiming_normal'": "initializers",
            "nn.data": "datasets preprocessing dataset",
            "the package autograd: from autograd import Value": "engine value",
            "no part of it: a parameter may be any number": (
                "constraints quantization quantized prune swa_utils"
            ),
            # what other modules of nn have
            "nn.schedules.{name}": "cosine exponential warmup cyclic time_based",
            "nn.metrics.{name}": "predicted_classes bits_per_character ngram_bits nearest",
            "nn.optim.{name}": "clip_norm",
            "nn.export.{name}": "to_onnx to_torch to_safetensors from_safetensors",
            "nn.plots.{name}": "loss_curve rate_curve decision_boundary confusion heat_map",
            "nn.data.{name}": (
                "moons circles spirals xor blobs noisy_sine iris read_csv split k_fold batches pad "
                "standardize windows names contexts"
            ),
            # data
            "nn.data.batches(X, y, size, rng=rng), or batch_size= of nn.fit": (
                "DataLoader Sampler RandomSampler SequentialSampler BatchSampler "
                "WeightedRandomSampler"
            ),
            "two lists, X of rows and y of targets": (
                "Dataset TensorDataset ConcatDataset Subset IterableDataset default_collate"
            ),
            "nn.data.pad(sequences, value=0)": "pad_sequence pad_sequences",
            "(X_train, y_train), (X_test, y_test) = nn.data.split(X, y)": (
                "train_test_split random_split"
            ),
            "nn.data.k_fold(X, y, k)": "KFold",
            "nn.data.k_fold(X, y, k, stratified=True)": "StratifiedKFold",
            "nn.data.k_fold(X, y, k), or scikit-learn's with nn.sklearn.NetClassifier": (
                "cross_val_score cross_validate"
            ),
            _SKLEARN: (
                "LabelEncoder LabelBinarizer PolynomialFeatures RobustScaler MaxAbsScaler PCA "
                "OrdinalEncoder Normalizer Binarizer minmax_scale load_wine load_digits "
                "load_breast_cancer load_diabetes fetch_california_housing fetch_openml "
                "make_regression make_swiss_roll make_gaussian_quantiles"
            ),
            "scikit-learn's own, of targets and of what nn.predict(model, X) gives": (
                "auc roc_auc_score roc_curve average_precision_score precision_recall_curve "
                "matthews_corrcoef cohen_kappa_score fbeta_score explained_variance_score "
                "max_error median_absolute_error mean_absolute_percentage_error "
                "top_k_accuracy_score jaccard_score hamming_loss brier_score_loss zero_one_loss "
                "silhouette_score precision_recall_fscore_support"
            ),
            "nn.plots.confusion(nn.confusion_matrix(outputs, targets))": "ConfusionMatrixDisplay",
            "scikit-learn's own, with nn.sklearn.NetClassifier": (
                "GridSearchCV RandomizedSearchCV Pipeline make_pipeline learning_curve "
                "cross_val_predict"
            ),
            "nn.data.read_csv(path, target)": "loadtxt genfromtxt read_table load_csv",
            "nn.data.read_csv(path, target), of a file that you have": (
                "MNIST mnist load_mnist FashionMNIST fashion_mnist CIFAR10 CIFAR100 cifar10 "
                "cifar100 imdb IMDB digits wine titanic load_titanic breast_cancer diabetes "
                "boston boston_housing load_boston california_housing penguins load_dataset"
            ),
            "nn.data.iris()": "load_iris",
            "nn.data.moons(n, noise)": "make_moons",
            "nn.data.circles(n, noise)": "make_circles",
            "nn.data.blobs(n, classes)": "make_blobs make_classification",
        }
    )
)
