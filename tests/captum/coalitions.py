"""Shapley values, KernelSHAP and LIME: what Captum's tests expect, example by example."""

from tests.captum.case import Case
from tests.captum.perturbation import BATCH, FIRST, GROUPS, LOW, MASK, MASKS, ROW, SECOND, TALL

__all__ = ["CASES"]

SPARSE = ([23.0, 0.0, 0.0], [20.0, 0.0, 50.0], [0.0, 100.0, 10.0])
SPARSE2 = ([20.0, 50.0, 30.0], [0.0, 100.0, 0.0], [0.0, 10.0, 0.0])
SUM = {"target": None}
MULTI = [(FIRST, MASKS[0]), (SECOND, MASKS[1])]


def games(method, tolerance, names):
    """Rows of one method; `names` are Captum's for the tests that it has."""

    def row(test, model, x, expected, **more):
        return Case(f"{names}{test}", method, model, x, expected, tolerance=tolerance, **more)

    return row


shapley = games("shapley_exact", 1e-3, "test_shapley.")
sampled = games("shapley_sampling", 1.0, "test_shapley.")
kernel = games("kernel_shap", 1.0, "test_kernel_shap.")
THIRD = 1 / 3
SHAPLEY = [
    *(
        row
        for make in (shapley, sampled)
        for row in (
            make("simple_shapley_sampling_with_mask", "multi_layer", ROW, ([275.0, 275.0, 115.0],), mask=MASK),
            make("simple_shapley_sampling_boolean", "boolean", ([1.0, 0.0, 1.0],), ([35.0, 35.0, 35.0],), mask=MASK),
            make(
                *(
                    "simple_shapley_sampling_boolean_with_baseline",
                    "boolean",
                    ([1.0, 0.0, 1.0],),
                    ([-40.0, -40.0, 0.0],),
                ),
                mask=MASK,
                baseline=1.0,
            ),
            make(
                "simple_shapley_sampling_with_baselines",
                "multi_layer",
                ROW,
                ([248.0, 248.0, 104.0],),
                mask=MASK,
                baseline=4.0,
            ),
        )
    ),
    shapley("simple_shapley_sampling", "multi_layer", ROW, ([76.66666, 196.66666, 116.66666],)),
    sampled("simple_shapley_sampling", "multi_layer", ROW, ([76.66666, 196.66666, 116.66666],)),
    shapley("multi_sample_shapley_sampling", "multi_layer", LOW, ([7.0, 32.5, 10.5],)),
    shapley("multi_sample_shapley_sampling_with_mask", "multi_layer", LOW, ([39.5, 39.5, 10.5],), mask=MASK),
    shapley("multi_sample_shapley_sampling_with_mask", "multi_layer", ROW, ([275.0, 275.0, 115.0],), mask=([1, 1, 0],)),
    sampled(
        *("multi_input_shapley_sampling_without_mask", "multi_input", SPARSE),
        ([90.0, 0.0, 0.0], [78.0, 0.0, 198.0], [0.0, 398.0, 38.0]),
    ),
    sampled(
        *("multi_input_shapley_sampling_without_mask", "multi_input", SPARSE2),
        ([78.0, 198.0, 118.0], [0.0, 398.0, 0.0], [0.0, 38.0, 0.0]),
    ),
    *(
        shapley("multi_input_shapley_sampling_with_mask", "multi_input", x, expected, mask=mask, baseline=baseline)
        for (x, mask), plain, moved in zip(
            MULTI,
            (
                ([1088.6666] * 3, [76.6666, 1088.6666, 156.6666], [76.6666, 1088.6666, 156.6666]),
                ([255.0, 595.0, 255.0], [255.0, 595.0, 0.0], [255.0] * 3),
            ),
            (
                ([1040.0] * 3, [52.0, 1040.0, 132.0], [52.0, 1040.0, 132.0]),
                ([184.0, 580.0, 184.0], [184.0, 580.0, -12.0], [184.0] * 3),
            ),
            strict=True,
        )
        for expected, baseline in ((plain, 0.0), (moved, (2, 3.0, 4)))
    ),
    shapley("shapley_sampling_multi_task_output", "multi_layer", ROW, ([76.66666, 196.66666, 116.66666],), target=1),
    shapley(
        "shapley_sampling_multi_task_output_with_mask",
        "multi_layer",
        ROW,
        ([75.0, 315.0, 315.0],),
        mask=([0, 1, 1],),
        target=1,
    ),
    shapley("single_shapley_batch_scalar", "sum_of_batch", ([LOW[0]],), ([79.0, 79.0, 21.0],), mask=MASK, **SUM),
    shapley("multi_sample_shapley_batch_scalar", "sum_of_batch", BATCH, ([629.0, 629.0, 251.0],), mask=MASK, **SUM),
    shapley(
        "single_shapley_int_batch_scalar",
        "sum_of_batch",
        ([[2, 10, 3], [20, 50, 30]],),
        ([629.0, 629.0, 251.0],),
        mask=MASK,
        **SUM,
    ),
    shapley(
        *(
            "multi_inp_shapley_batch_scalar",
            "sum_of_batch",
            TALL,
            ([3850.6666] * 3, *([306.6666, 3850.6666, 410.6666],) * 2),
        ),
        mask=GROUPS,
        **SUM,
    ),
]
KERNEL = [
    kernel("linear_kernel_shap", "multi_layer", ROW, ([40.0, 120.0, 80.0],), baseline=([10.0, 20.0, 10.0],)),
    kernel("simple_kernel_shap", "multi_layer", ROW, ([76.66666, 196.66666, 116.66666],)),
    kernel("simple_kernel_shap_with_mask", "multi_layer", ROW, ([275.0, 275.0, 115.0],), mask=MASK),
    kernel("simple_kernel_shap_with_baselines", "multi_layer", ROW, ([248.0, 248.0, 104.0],), mask=MASK, baseline=4.0),
    kernel(
        "multi_input_kernel_shap_without_mask",
        "multi_input",
        SPARSE,
        ([90.0, 0.0, 0.0], [78.0, 0.0, 198.0], [0.0, 398.0, 38.0]),
    ),
    kernel(
        "multi_input_kernel_shap_with_mask",
        "multi_input",
        SECOND,
        ([255.0, 595.0, 255.0], [255.0, 595.0, 0.0], [255.0] * 3),
        mask=MASKS[1],
    ),
    kernel(
        *(
            "multi_input_kernel_shap_with_mask",
            "multi_input",
            SECOND,
            ([184.0, 580.0, 184.0], [184.0, 580.0, -12.0], [184.0] * 3),
        ),
        mask=MASKS[1],
        baseline=(2, 3.0, 4),
    ),
    kernel("single_kernel_shap_scalar", "sum_of_batch", ([LOW[0]],), ([79.0, 79.0, 21.0],), mask=MASK, **SUM),
    kernel(
        *(
            "multi_inp_kernel_shap_scalar",
            "sum_of_batch",
            TALL,
            ([3850.6666] * 3, *([306.6666, 3850.6666, 410.6666],) * 2),
        ),
        mask=GROUPS,
        **SUM,
    ),
]


def lime(test, model, x, expected, samples=500, **more):
    return Case(
        f"test_lime.{test}", "lime", model, x, expected, options={"samples": samples}, **({"tolerance": 1.0} | more)
    )


LIME = [
    lime("simple_lime", "multi_layer", ROW, ([73.3716, 193.3349, 113.3349],)),
    lime("simple_lime_with_mask", "multi_layer", ROW, ([271.0, 271.0, 111.0],), mask=MASK),
    lime("simple_lime_with_baselines", "multi_layer", ROW, ([244.0, 244.0, 100.0],), mask=MASK, baseline=4.0),
    lime("simple_batch_lime", "multi_layer", ([10.0, 14.0, 4.0],), ([32.11, 48.0, 11.0],)),
    lime(
        "multi_input_lime_without_mask",
        "multi_input",
        SPARSE,
        ([87.0, 0.0, 0.0], [75.0, 0.0, 195.0], [0.0, 395.0, 35.0]),
        2000,
    ),
    lime(
        "multi_input_lime_with_mask",
        "multi_input",
        SECOND,
        ([251.0, 591.0, 251.0], [251.0, 591.0, 0.0], [251.0] * 3),
        mask=MASKS[1],
    ),
    lime(
        *(
            "multi_input_lime_with_mask",
            "multi_input",
            SECOND,
            ([180.0, 576.0, 180.0], [180.0, 576.0, -8.0], [180.0] * 3),
        ),
        mask=MASKS[1],
        baseline=(2, 3.0, 4),
    ),
    lime("single_lime_scalar", "sum_of_batch", ([LOW[0]],), ([75.0, 75.0, 17.0],), mask=MASK, **SUM),
    lime(
        *("multi_inp_lime_scalar", "sum_of_batch", TALL, ([3850.6666] * 3, *([305.5, 3850.6666, 410.1],) * 2), 1500),
        mask=GROUPS,
        tolerance=1.5,
        **SUM,
    ),
]

CASES = [*SHAPLEY, *KERNEL, *LIME]
