"""Steps traced and made into one program: of NumPy calls in the processor's cache, or one loop by numba."""
