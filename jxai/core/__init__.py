"""Functions of functions: taps, backward rules, scores, chunked means, minimisation."""
