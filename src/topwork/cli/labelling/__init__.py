"""Commands of labelling, and what people see of them."""
