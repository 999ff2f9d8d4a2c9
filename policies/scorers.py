"""The scorers of scikit-learn that gates may name, `sklearn.NAME`. Measuring by them is `validation`'s.

scikit-learn turns losses about so that larger is always better, and calls them neg_NAME; here they are called
NAME, and smaller is better, as people say it.
"""

PREFIX = "sklearn."
LARGER = (
    "accuracy", "adjusted_mutual_info_score", "adjusted_rand_score", "average_precision", "balanced_accuracy",
    "completeness_score", "d2_absolute_error_score", "d2_brier_score", "d2_log_loss_score",
    "explained_variance", "f1", "f1_macro", "f1_micro", "f1_weighted", "fowlkes_mallows_score",
    "homogeneity_score", "jaccard", "jaccard_macro", "jaccard_micro", "jaccard_weighted", "matthews_corrcoef",
    "mutual_info_score", "normalized_mutual_info_score", "positive_likelihood_ratio", "precision",
    "precision_macro", "precision_micro", "precision_weighted", "r2", "rand_score", "recall", "recall_macro",
    "recall_micro", "recall_weighted", "roc_auc", "roc_auc_ovo", "roc_auc_ovo_weighted", "roc_auc_ovr",
    "roc_auc_ovr_weighted", "top_k_accuracy", "v_measure_score",
)  # fmt: skip
SMALLER = (
    "brier_score", "log_loss", "max_error", "mean_absolute_error", "mean_absolute_percentage_error",
    "mean_gamma_deviance", "mean_poisson_deviance", "mean_squared_error", "mean_squared_log_error",
    "median_absolute_error", "negative_likelihood_ratio", "root_mean_squared_error",
    "root_mean_squared_log_error",
)  # fmt: skip
"""Without their neg_."""
