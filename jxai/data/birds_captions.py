"""captions stub"""
__all__ = ["captions"]
def captions(values, kind, seen, rng): return ["x"] * 10
