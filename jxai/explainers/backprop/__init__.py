"""Modified backward passes: guided backpropagation, LRP, excitation backprop, DeepLIFT."""

__all__: list[str] = []
