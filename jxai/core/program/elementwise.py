"""What the primitives of a program do to single numbers, by name. A primitive's name is JAX's, never a model's."""

__all__ = ["BINARY", "BLIND", "COMPARISONS", "ELEMENTWISE", "SHAPES", "STEPS", "UNARY"]

# the same numbers in another shape, another dtype, or on other devices
SHAPES = frozenset(
    "broadcast_in_dim convert_element_type reshape squeeze transpose expand_dims copy copy_p pvary pcast".split()
)
COMPARISONS = frozenset("gt ge lt le eq ne".split())
# numbers that jump: they have a value, but no derivative
STEPS = frozenset("sign floor ceil round".split())
# no derivative, so no way back for relevance. stop_gradient is among them: the shift by the largest value that softmax
# takes off for stability is a constant to every rule
BLIND = COMPARISONS | STEPS | frozenset("and or not xor is_finite argmax argmin stop_gradient iota".split())
# functions of one number that are not linear
UNARY = frozenset(
    "relu activation tanh logistic erf erfc erf_inv exp exp2 log log1p expm1 sqrt rsqrt cbrt sin cos tan asin acos "
    "atan sinh cosh asinh acosh atanh abs square integer_pow lgamma digamma".split()
)
BINARY = frozenset("add sub mul div max min pow atan2 rem nextafter and or xor".split()) | COMPARISONS
ELEMENTWISE = (
    UNARY | BINARY | STEPS
    | frozenset("neg select_n convert_element_type copy copy_p real clamp not is_finite stop_gradient".split())
)  # fmt: skip
