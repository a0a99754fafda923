"""The screens of the till: what the cashier sees, hears and touches."""
