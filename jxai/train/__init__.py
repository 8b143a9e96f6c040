"""One training loop, and what it trains: classifiers of images and texts, hardness predictors, captioners."""

__all__: list[str] = []
