"""Will it work on stage? `measure` measures, the others say what that means, `examine` knows the order."""
