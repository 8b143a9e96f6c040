"""The tests of Captum that have no row in the table, and why; names are those of its files below `tests/attr`."""

__all__ = ["REASONS"]

DRAWN = "compares Captum with itself on drawn weights, or checks shapes; the property is tested of every method here"
FRAMEWORK = "about PyTorch: futures, hooks, in-place modules, progress bars, futures of batches, or types of errors"

REASONS = {
    "the numbers come from the draws of one seed of PyTorch's generator": (
        "layer.test_layer_gradient_shap: basic_multilayer, basic_multilayer_with_add_args, basic_multi_input, "
        "basic_multilayer_compare_w_inp_features, classification",
        "test_integrated_gradients_basic: multivariable_smoothgrad, multivariable_smoothgrad_sq, "
        "multivariable_vargrad, univariable_smoothgrad, univariable_vargrad, "
        "multi_argument_smoothgrad, multi_tensor_input_smoothgrad",
        "test_gradient_shap: classification, classification_baselines_as_function",
        "test_input_x_gradient: basic_smoothgrad, basic_vargrad, basic_multi_variable_smoothgrad, basic_multi_vargrad, "
        "classification_smoothgrad, classification_vargrad",
        "test_saliency: basic_smoothgrad, basic_vargrad, basic_multi_vargrad, classification_smoothgrad, "
        "classification_vargrad",
        "test_lime: multi_input_batch_lime_without_mask, multi_input_batch_lime, simple_batch_lime_with_mask",
    ),
    DRAWN: (
        "test_saliency: classification_vanilla",
        "test_input_x_gradient: classification_vanilla",
        "layer.test_layer_conductance: matching_conv1_conductance, matching_pool1_conductance, "
        "matching_conv2_conductance, matching_pool2_conductance, matching_conv_multi_input_conductance, "
        "matching_conv_with_baseline_conductance",
        "layer.test_layer_integrated_gradients: compare_with_emb_patching, compare_with_emb_patching_batch, "
        "compare_with_emb_patching_wo_mult_by_inputs, multiple_layers_single_inputs, "
        "multiple_layers_multiple_inputs_shared_input, multiple_layers_multiple_input_outputs",
        "layer.test_layer_gradient_x_activation: gradient_activation_embedding, gradient_activation_embedding_no_grad",
        "layer.test_layer_deeplift: convnet_maxpool2d_classification, convnet_maxpool3d_classification",
        "neuron.test_neuron_gradient: matching_output_gradient, matching_intermediate_gradient",
        "neuron.test_neuron_integrated_gradients: matching_output_gradient",
        "neuron.test_neuron_conductance: matching_conv2_multi_input_conductance, "
        "matching_relu2_multi_input_conductance, matching_pool2_multi_input_conductance",
        "test_guided_backprop: gb_matching",
        "test_deconvolution: deconv_matching",
        "test_lrp: simple2_attributions, simple_repeat_attributions, simple_inplaceReLU",
        "test_feature_permutation: perm_fn_single_feature, single_input, multi_input, broadcastable_masks",
        "test_targets: all of them, an example in a batch against the example alone",
    ),
    FRAMEWORK: (
        "test_deeplift_basic: futures_not_implemented",
        "test_guided_grad_cam: improper_dims_multi_input_conv, improper_method_multi_input_conv",
        "test_occlusion: improper_window_shape, improper_stride, too_large_stride",
        "test_feature_ablation: error_perturbations_per_eval_limit_batch_scalar, empty_sparse_features",
        "test_shapley: shapley_sampling_with_show_progress, shapley_sampling_with_mask_and_show_progress",
        "test_lrp: lrp_creator, lrp_creator_activation, futures_not_implemented",
        "layer.test_layer_activation: sequential_in_place",
        "layer.test_layer_conductance: layer_conductance_with_unused_layer",
        "layer.test_internal_influence: simple_input_internal_inf_with_unused_layer",
        "test_data_parallel, test_hook_removal, test_jit, test_dataloader_attr: all of them",
    ),
    "Captum refuses a module that is used twice; here there are no modules, and the network is explained": (
        "test_deeplift_basic: reusable_modules",
        "test_lrp: repeated_module",
    ),
    "a function of multipliers, inputs and baselines in place of their product is not offered: multipliers are "
    "deep_lift(...) / (x - baseline)": (
        "test_deeplift_basic: relu_deeplift_with_hypothetical_contrib_func, relu_deepliftshap_with_custom_attr_func, "
        "relu_deepliftshap_with_hypothetical_contrib_func",
        "layer.test_layer_deeplift: relu_deeplift_with_custom_attr_func, relu_deepliftshap_with_custom_attr_func, "
        "inplace_maxpool_relu_with_custom_attr_func",
        "neuron.test_neuron_deeplift: relu_deeplift_with_custom_attr_func, relu_deepliftshap_with_custom_attr_func",
    ),
    "Captum does not see the functional sum of the two inputs, and gives each all the relevance (96 of a score of 88); "
    "a sum divides it here": ("test_lrp: multi_inputs",),
    "the identity rule at a dense layer gives relevance of outputs to inputs of the same number; a rule must know "
    "weights": ("test_lrp: Identity",),
    "Grad-CAM of a layer without places: use layer_attribution(score, times_input of gradient) and add": (
        "layer.test_grad_cam: simple_input_non_conv, simple_multi_input_non_conv",
    ),
    "explained a batch's sum, a convention that Captum has left since": (
        "test_kernel_shap: simple_batch_kernel_shap, simple_batch_kernel_shap_with_mask, "
        "multi_input_batch_kernel_shap_without_mask, multi_input_batch_kernel_shap",
    ),
    "convergence deltas are differences of sums from the score's: metrics.completeness_gap, whose form is another": (
        "layer.test_layer_lrp: simple_attributions_all_layers, simple_attributions_all_layers_delta",
    ),
}
