"""One training loop for classifiers of images and texts, hardness predictors and captioners."""

__all__: list[str] = []
