"""Neural networks on scalar Values."""
