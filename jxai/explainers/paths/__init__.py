"""Path methods: integrated, expected, blur and guided integrated gradients, IDGI."""

__all__: list[str] = []
